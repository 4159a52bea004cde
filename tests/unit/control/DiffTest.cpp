// Protects: what a change is said to change, and whether it narrows (R22: REST's narrowing must be held
// against every later manifest).
#include "control/codec/Diff.h"
#include "model/ClusterSettings.h"
#include "model/User.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::model;
using control::diff;

namespace {

template <class T>
std::string said(const T& before, const T& after) {
  std::string out;
  for (const auto& change : diff(before, after)) out += change.field + (change.narrows ? "! " : " ");
  return out;
}

} // namespace

class DiffTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DiffTest);
  CPPUNIT_TEST(testDirectionsComeFromTheTable);
  CPPUNIT_TEST(testFewerIsASetDifference);
  CPPUNIT_TEST(testWhatMovesOrIsComputedDoesNotCount);
  CPPUNIT_TEST(testInertFieldsHaveNoDirection);
  CPPUNIT_TEST_SUITE_END();

public:
  void testDirectionsComeFromTheTable() {
    ClusterSettings wide, narrow;
    wide.mtls_certificate_authentication = true;
    narrow.mtls_client_cert_subject_validation_type = SubjectValidation::full_subject;
    narrow.min_control_TLS_version = TlsVersion::v1_3;
    CPPUNIT_ASSERT_EQUAL(
        std::string("mtls_certificate_authentication! mtls_client_cert_subject_validation_type! "
                    "min_control_TLS_version! "),
        said(wide, narrow));
    CPPUNIT_ASSERT_EQUAL(
        std::string("mtls_certificate_authentication mtls_client_cert_subject_validation_type "
                    "min_control_TLS_version "),
        said(narrow, wide));
    CPPUNIT_ASSERT_EQUAL(std::string(), said(wide, wide));
    narrow = wide;
    narrow.control_cipher_suites = "HIGH"; // no direction: held both ways
    CPPUNIT_ASSERT_EQUAL(std::string("control_cipher_suites! "), said(wide, narrow));
    CPPUNIT_ASSERT_EQUAL(std::string("control_cipher_suites! "), said(narrow, wide));
  }

  void testFewerIsASetDifference() {
    User a, b;
    a.role_uids = {1, 2};
    b.role_uids = {2, 1};
    CPPUNIT_ASSERT_EQUAL(std::string(), said(a, b)); // a set has no order
    b.role_uids = {2, 3, 4};
    CPPUNIT_ASSERT_EQUAL(std::string("role_uids! "), said(a, b)); // more, but not all
    b.role_uids = {1, 2, 3};
    CPPUNIT_ASSERT_EQUAL(std::string("role_uids "), said(a, b));
    CPPUNIT_ASSERT_EQUAL(std::string("role_uids! "), said(b, a));
    ClusterSettings before, after;
    before.mtls_authorized_subjects = {{"a", {"x", "y"}, "O", "", "", ""}};
    after.mtls_authorized_subjects = {{"a", {"y", "x"}, "O", "", "", ""}}; // a list has one
    CPPUNIT_ASSERT_EQUAL(std::string("mtls_authorized_subjects! "), said(before, after));
  }

  void testWhatMovesOrIsComputedDoesNotCount() {
    User before, after;
    after.last_login = 5;
    after.password_issue_date = "2026-11-24T10:00:00Z";
    after.action_uid = "x";
    after.role = Management::admin;
    after.status = UserStatus::locked;
    CPPUNIT_ASSERT_EQUAL(std::string(), said(before, after));
    after.name = "ada"; // beside what counts
    CPPUNIT_ASSERT_EQUAL(std::string("name! "), said(before, after));
  }

  void testInertFieldsHaveNoDirection() {
    User before, after;
    before.inert.json = R"({"account_id":4,"email_alerts":false})";
    after.inert.json = R"({"account_id":5,"cluster_email_alerts":true})";
    CPPUNIT_ASSERT_EQUAL(std::string("email_alerts! cluster_email_alerts! account_id! "),
                         said(before, after));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DiffTest);
