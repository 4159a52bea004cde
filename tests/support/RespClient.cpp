#include "support/RespClient.h"

namespace gatehouse::test {

bool RespClient::send(std::initializer_list<std::string_view> words) {
  std::string out;
  resp::appendCommand(out, words);
  return client_.write(out);
}

std::optional<resp::Reply> RespClient::receive() {
  const resp::ReplyLimits limits{.bytes = std::size_t{1} << 30, .items = 1'000'000, .depth = 16};
  for (;;) {
    if (!came_.empty()) {
      resp::ReadReply read = resp::readReply(came_, limits);
      if (read.progress == resp::Progress::complete) {
        came_.erase(0, read.consumed);
        return std::move(read.reply);
      }
      if (read.progress == resp::Progress::malformed) {
        resp::Reply wrong;
        wrong.kind = resp::Kind::error;
        wrong.text = "(malformed) " + came_.substr(0, 200);
        return wrong;
      }
    }
    const std::string more = client_.read();
    if (more.empty()) return std::nullopt;
    came_ += more;
  }
}

std::optional<resp::Reply> RespClient::ask(std::initializer_list<std::string_view> words) {
  static_cast<void>(send(words)); // refused in the middle: there may be a reply still
  return receive();
}

std::string RespClient::say(std::initializer_list<std::string_view> words) { return textOf(ask(words)); }

std::string textOf(const std::optional<resp::Reply>& reply) {
  if (!reply) return "(closed)";
  switch (reply->kind) {
  case resp::Kind::status:
  case resp::Kind::bulk: return reply->text;
  case resp::Kind::error: return '-' + reply->text;
  case resp::Kind::integer: return std::to_string(reply->integer);
  case resp::Kind::nil: return "(nil)";
  case resp::Kind::array: break;
  }
  std::string out = "[";
  for (const resp::Reply& item : reply->items) out += (out.size() > 1 ? ", " : "") + textOf(item);
  return out + ']';
}

} // namespace gatehouse::test
