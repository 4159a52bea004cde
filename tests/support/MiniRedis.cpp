#include "support/MiniRedis.h"

#include <algorithm>
#include <cctype>

namespace gatehouse::test {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}
std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

} // namespace

/// Takes one command off the front of input_.
MiniRedis::Parsed MiniRedis::parse(Words& words) {
  std::size_t at = 0;
  const auto number = [&](char type, std::uint64_t& value) {
    const std::size_t end = input_.find("\r\n", at);
    if (end == std::string::npos) {
      if (input_.size() - at > 16) broken_ = "no number: " + input_.substr(at, 40);
      return false;
    }
    const std::string digits = input_.substr(at + 1, end - at - 1);
    if (input_[at] != type || digits.empty() || digits.size() > 10 ||
        digits.find_first_not_of("0123456789") != std::string::npos ||
        (digits.size() > 1 && digits[0] == '0')) {
      broken_ = "not canonical: " + input_.substr(at, 40);
      return false;
    }
    value = std::stoull(digits);
    at = end + 2;
    return true;
  };
  std::uint64_t count = 0, size = 0;
  if (!number('*', count)) return broken_.empty() ? Parsed::part : Parsed::broken;
  if (count == 0) broken_ = "a command of no words";
  for (; count > 0 && broken_.empty(); --count) {
    if (at == input_.size() || !number('$', size)) break;
    if (input_.size() - at < size + 2) return Parsed::part;
    words.push_back(input_.substr(at, size));
    at += size + 2;
    if (input_.compare(at - 2, 2, "\r\n") != 0) broken_ = "a bulk string without its end";
  }
  if (!broken_.empty()) return Parsed::broken;
  if (count > 0) return Parsed::part;
  input_.erase(0, at);
  return Parsed::whole;
}

std::string MiniRedis::takes(std::string_view bytes, bool& ends) {
  input_ += bytes;
  while (!ends_ && !blocked_ && !input_.empty()) {
    Words words;
    const Parsed parsed = parse(words);
    if (parsed == Parsed::broken) {
      output_ += "-ERR Protocol error: " + broken_ + "\r\n";
      ends_ = true;
    }
    if (parsed != Parsed::whole) break;
    run(words);
    skip_ = std::exchange(skipNext_, false);
  }
  ends = ends_;
  return std::exchange(output_, {});
}

void MiniRedis::reply(std::string_view text) {
  if (!silent_ && !skip_) output_ += text;
}

void MiniRedis::login(const Words& words, std::size_t at) {
  const bool right = words[at + 1] == FakeHost::secretOf(words[at]);
  if (right) user_ = words[at];
  reply(right ? "+OK\r\n" : "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
}

void MiniRedis::hello(const Words& words) {
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (upper(words[i]) == "AUTH" && i + 2 < words.size()) {
      if (words[i + 2] != FakeHost::secretOf(words[i + 1]))
        return reply("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
      user_ = words[i + 1];
      i += 2;
    } else if (upper(words[i]) == "SETNAME" && i + 1 < words.size()) {
      ++i;
    } else
      return reply("-ERR Syntax error in HELLO option '" + words[i] + "'\r\n");
  }
  reply("+HELLO " + (words.size() > 1 ? words[1] : "") + " " + user_ + "\r\n");
}

void MiniRedis::run(const Words& words) {
  const std::string name = upper(words[0]);
  std::string all = user_ + ":";
  for (const std::string& word : words) all += " " + word;
  store_->ran.push_back(all);
  if (name == "QUIT") {
    ends_ = true;
    return reply("+OK\r\n");
  }
  if (name == "RESET" && words.size() == 1) {
    multi_ = silent_ = skip_ = subscribed_ = false;
    queued_.clear();
    user_.clear();
    return reply("+RESET\r\n");
  }
  if (multi_ && name != "EXEC" && name != "DISCARD" && name != "MULTI") {
    queued_.push_back(words);
    return reply("+QUEUED\r\n");
  }
  if (name == "AUTH" && words.size() == 3) return login(words, 1);
  if (name == "HELLO") return hello(words);
  if (user_.empty()) return reply("-NOAUTH Authentication required.\r\n");
  if (subscribed_ && name == "GET") return reply("-ERR Can't execute 'get'\r\n");
  if (name == "PING") return reply("+PONG\r\n");
  if (name == "ECHO" && words.size() == 2) return reply(bulk(words[1]));
  if (name == "SET" && words.size() == 3) {
    store_->keys[words[1]] = words[2];
    return reply("+OK\r\n");
  }
  if (name == "GET" && words.size() == 2) {
    const auto at = store_->keys.find(words[1]);
    return reply(at == store_->keys.end() ? "$-1\r\n" : bulk(at->second));
  }
  if (name == "ACL" && words.size() == 2 && upper(words[1]) == "WHOAMI") return reply(bulk(user_));
  if (name == "MULTI") {
    multi_ = true;
    return reply("+OK\r\n");
  }
  if (name == "DISCARD" || name == "EXEC") {
    multi_ = false;
    const auto queued = std::exchange(queued_, {});
    if (name == "DISCARD") return reply("+OK\r\n");
    reply("*" + std::to_string(queued.size()) + "\r\n");
    for (const Words& one : queued) run(one);
    return;
  }
  if (name == "CLIENT" && words.size() == 3 && upper(words[1]) == "REPLY") {
    const std::string how = upper(words[2]);
    silent_ = how == "OFF";
    skipNext_ = how == "SKIP";
    if (how == "ON") reply("+OK\r\n");
    return;
  }
  if (name == "SUBSCRIBE" && words.size() == 2) {
    subscribed_ = true;
    return reply("*3\r\n$9\r\nsubscribe\r\n" + bulk(words[1]) + ":1\r\n");
  }
  if (name == "BLPOP") {
    blocked_ = true;
    return;
  }
  if (name == "DIE") {
    ends_ = true;
    return;
  }
  std::string error = "-ERR unknown command '" + words[0] + "', with args beginning with: ";
  for (std::size_t i = 1; i < words.size(); ++i) error += "'" + words[i] + "' ";
  std::replace_if(
      error.begin(), error.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  reply(error + "\r\n");
}

} // namespace gatehouse::test
