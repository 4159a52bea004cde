#pragma once
#include "base/ByteQueue.h"
#include "pki/RememberedChains.h"
#include "transport/TlsContext.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::transport {

/// TLS without a socket: takes ciphertext from one queue and puts it into another. OpenSSL reads and writes
/// the queues through a BIO of our own, so nothing is copied into buffers in between and an idle connection
/// holds none.
///
/// Threads: one at a time. Errors: a Step; then failure() has the sentence. OpenSSL's error queue is empty
/// after each call. Owns: the SSL. Does not own the queues; does not move, because OpenSSL points at it.
class TlsEngine {
public:
  enum class Step : std::uint8_t {
    done,   // as much as was asked for
    wants,  // ciphertext from the peer
    ended,  // the peer said close_notify
    failed, // for good; an alert may be waiting in `out`
  };

  /// Errors: internal_error when there is no memory for it. `in`, `out` and `chains` outlive the engine.
  /// `chains`: this thread's memory of client chains; null: each is verified anew.
  static Result<std::unique_ptr<TlsEngine>> create(std::shared_ptr<const TlsContext> context, ByteQueue& in,
                                                   ByteQueue& out, pki::RememberedChains* chains = nullptr);
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// As far as `in` reaches. done: it is over, and established() from now on.
  [[nodiscard]] Step handshake();
  [[nodiscard]] bool established() const noexcept { return established_; }

  /// Appends plaintext to `plain` while it has room and `most` is not reached. done: stopped for want of room
  /// or by `most`, there may be more; wants: everything that is there was decrypted.
  [[nodiscard]] Step decrypt(ByteQueue& plain, std::size_t most);
  /// Encrypts all of `plain` into `out`. Only once established.
  [[nodiscard]] Step encrypt(std::string_view plain);
  /// Says close_notify, once.
  void closeNotify() noexcept;

  /// What stood in a record that was already opened: decrypt would give it without more ciphertext.
  [[nodiscard]] std::size_t pending() const noexcept;

  [[nodiscard]] std::uint16_t version() const noexcept; // 0x0303, 0x0304
  [[nodiscard]] std::string_view versionName() const noexcept;
  [[nodiscard]] std::string_view cipher() const noexcept;
  /// As sent by the client: printable, at most 255 bytes; empty if none.
  [[nodiscard]] std::string serverName() const;
  [[nodiscard]] std::string alpn() const;

  /// Facts of the client's chain: it sent a certificate, it verified under the policy's trust list, and the
  /// handshake is over. Null in every other case.
  [[nodiscard]] const model::ChainFacts* clientChain() const noexcept;
  /// Did the peer send a certificate? With established(): one that verified.
  [[nodiscard]] bool hasPeerCertificate() const noexcept;
  /// The peer's leaf; null if it sent none. Lives as long as the engine.
  [[nodiscard]] X509* peerCertificate() const noexcept;
  [[nodiscard]] const TlsContext& context() const noexcept { return *context_; }
  /// For looking, never for reading or writing.
  [[nodiscard]] const SSL* native() const noexcept { return ssl_; }

  /// Why it failed, for the log: printable, bounded. Empty as long as it has not.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
  friend class TlsContext;
  explicit TlsEngine(std::shared_ptr<const TlsContext> context);
  [[nodiscard]] Step after(int result);
  [[nodiscard]] Step fail(std::string_view sentence);

  std::shared_ptr<const TlsContext> context_;
  pki::RememberedChains* chains_ = nullptr;
  SSL* ssl_ = nullptr;
  bool established_ = false, closeSaid_ = false, failed_ = false;
  std::optional<pki::Verification> verification_;
  std::string failure_;
};

} // namespace gatehouse::transport
