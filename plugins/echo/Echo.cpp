#include "sdk/Plugin.h"
namespace {
class Echo final : public gatehouse::Conversation {
  std::size_t fromClient(gatehouse::Bytes in, bool) override {
    emit(in);
    return in.size();
  }
};
} // namespace
GATEHOUSE_PROTOCOL("echo", "1.0", "Sends back what it receives.", Echo)
