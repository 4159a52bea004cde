#include "Transcript.h"

#include "sdk/Resp.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace gatehouse::differential {
namespace {

constexpr std::string_view hex = "0123456789abcdef";

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// `0|-?[1-9][0-9]{0,9}` and CRLF: 1 read, 0 not there yet, -1 never.
int readLine(std::string_view bytes, std::size_t& at, std::int64_t& value) {
  const std::size_t begin = at;
  std::size_t p = at;
  if (p < bytes.size() && bytes[p] == '-') ++p;
  const std::size_t first = p;
  value = 0;
  for (; p < bytes.size() && bytes[p] >= '0' && bytes[p] <= '9'; ++p) {
    if (p - first == 10) return -1;
    value = value * 10 + (bytes[p] - '0');
  }
  if (p > first && bytes[first] == '0' && (p > first + 1 || first > begin)) return -1;
  if (p == bytes.size()) return 0;
  if (p == first || bytes[p] != '\r') return -1;
  if (++p == bytes.size()) return 0;
  if (bytes[p] != '\n') return -1;
  if (first > begin) value = -value;
  at = p + 1;
  return 1;
}

bool isClientName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

/// HELLO's options are done one after another by some versions, and all at once by others.
bool unclearHello(const std::vector<std::string>& words) {
  bool login = false, good = words.size() < 2 || words[1] == "2" || words[1] == "3";
  std::size_t logins = 0;
  for (std::size_t at = 2; good && at < words.size();) {
    const std::string option = lowered(words[at]);
    if (option == "auth" && at + 2 < words.size()) {
      at += 3;
      ++logins;
    } else if (option == "setname" && at + 1 < words.size() && isClientName(words[at + 1])) {
      at += 2;
    } else {
      good = false;
    }
  }
  for (const std::string& word : words) login = login || lowered(word) == "auth";
  return login && (!good || logins > 1);
}

void note(Form& form, const std::vector<std::string>& words) {
  if (words.empty()) return;
  const std::string name = lowered(words[0]);
  for (const std::string_view one : {"blpop", "brpop", "blmove", "brpoplpush", "blmpop", "bzpopmin",
                                     "bzpopmax", "bzmpop", "xread", "xreadgroup", "wait", "waitaof"})
    form.waits = form.waits || name == one;
  form.http = form.http || name == "post" || name == "host:";
  if (name == "hello" && unclearHello(words)) form.unclearLogin = true;
  if (name == "auth" || name == "hello")
    for (const std::string& word : words) {
      const std::string low = lowered(word);
      form.foldedName = form.foldedName || (low != word && (low == "ada" || low == "bob"));
      form.asDefault = form.asDefault || low == "default";
    }
  if (name == "client" && words.size() > 1) {
    const std::string second = lowered(words[1]);
    form.client = form.client || second == "id" || second == "info" || second == "list";
  }
}

} // namespace

std::string written(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\\')
      out += "\\\\";
    else if (c >= ' ' && c <= '~')
      out += c;
    else
      out.append("\\x").append(1, hex[static_cast<unsigned char>(c) >> 4]).append(1, hex[c & 15]);
  }
  return out;
}

std::string read(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '\\' || at + 1 == line.size()) {
      out += line[at];
      continue;
    }
    const char c = line[++at];
    if (c == 'x' && at + 2 < line.size()) {
      out += static_cast<char>(hex.find(line[at + 1]) * 16 + hex.find(line[at + 2]));
      at += 2;
    } else {
      out += c == 'r' ? '\r' : c == 'n' ? '\n' : c;
    }
  }
  return out;
}

std::vector<std::string> readCorpus(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && !line.starts_with("# ")) out.push_back(read(line));
  return out;
}

Form formOf(std::string_view bytes) {
  Form form;
  for (std::size_t at = 0; at < bytes.size() && !form.malformed && !form.cutShort;) {
    std::vector<std::string> words;
    if (bytes[at] != '*') {
      const std::size_t end = bytes.find('\n', at);
      const std::string_view line = bytes.substr(at, end == std::string_view::npos ? end : end - at);
      form.malformed = line.size() >= 65'535 ||
                       (end != std::string_view::npos && line.find('\0') != std::string_view::npos);
      form.cutShort = !form.malformed && end == std::string_view::npos;
      form.waits = form.waits || line.find("\\x") != std::string_view::npos; // whatever that spells
      form.quotes = form.quotes || line.find_first_of("\"'\\") != std::string_view::npos;
      const std::string plain = lowered(line);
      form.unclearLogin = form.unclearLogin ||
                          (plain.find("lo") != std::string::npos && plain.find("auth") != std::string::npos &&
                           line.find_first_of("\"'\\") != std::string_view::npos);
      std::string word;
      for (const char c : std::string(line) + ' ') {
        if (c == '"' || c == '\'') continue; // near enough for a name
        if (c != ' ' && c != '\t' && c != '\r' && c != '\v' && c != '\f')
          word += c;
        else if (!word.empty())
          words.push_back(std::exchange(word, {}));
      }
      at = end == std::string_view::npos ? bytes.size() : end + 1;
      note(form, words);
      continue;
    }
    std::int64_t count = 0;
    int read = readLine(bytes, ++at, count);
    form.malformed = read < 0 || count > 2'147'483'647;
    form.cutShort = read == 0;
    form.strangerLimits = form.strangerLimits || count > 10;
    for (; count > 0 && !form.malformed && !form.cutShort; --count) {
      if (at == bytes.size()) {
        form.cutShort = true;
      } else if (bytes[at] != '$') {
        form.malformed = true;
      } else {
        std::int64_t size = 0;
        read = readLine(bytes, ++at, size);
        form.malformed = read < 0 || size < 0 || size > 536'870'912;
        form.cutShort = read == 0;
        form.strangerLimits = form.strangerLimits || size > 16'384;
        if (form.malformed || form.cutShort) break;
        const std::string_view rest = bytes.substr(at), body = rest.substr(0, static_cast<std::size_t>(size));
        const std::string_view tail = rest.substr(body.size(), 2);
        form.malformed = !std::string_view("\r\n").starts_with(tail);
        form.cutShort = !form.malformed && tail.size() < 2;
        words.emplace_back(body);
        at += body.size() + tail.size();
      }
    }
    note(form, words);
  }
  return form;
}

// ---- making

std::vector<std::string> Maker::words() {
  const std::string ada(adaPassword), bob(bobPassword),
      key = std::string(1, static_cast<char>('a' + below(3)));
  switch (below(34)) {
  case 0:
  case 1: return {"AUTH", "ada", ada};
  case 2: return {"AUTH", "bob", bob};
  case 3: return {"auth", "ada", "wrong"};
  case 4: return {"AUTH", ada};
  case 5: return {"HELLO", "3", "AUTH", "ada", ada};
  case 6: return {"HELLO", "2", "AUTH", "bob", bob, "SETNAME", "name"};
  case 7: return {"HELLO", "3", "SETNAME", "AUTH", "AUTH", "ada", ada};
  case 8: return {"HELLO", "2", "AUTH", "ada", ada, "AUTH", "bob", bob};
  case 9: return {"HELLO"};
  case 10: return {"HELLO", "3"};
  case 11:
  case 12: return {"RESET"};
  case 13: return {"MULTI"};
  case 14: return {"EXEC"};
  case 15: return {"DISCARD"};
  case 16: return {"SUBSCRIBE", "x", "y"};
  case 17: return {"UNSUBSCRIBE"};
  case 18: return {"PUBLISH", "x", "message"};
  case 19: return {"CLIENT", "REPLY", below(3) == 0 ? "OFF" : below(2) == 0 ? "SKIP" : "ON"};
  case 20: return {"ACL", "WHOAMI"};
  case 21:
  case 22: return {"SET", key, std::to_string(below(100))};
  case 23:
  case 24: return {"GET", key};
  case 25: return {"APPEND", key, "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$8\r\n" + ada + "\r\n"};
  case 26: return {"ECHO", "AUTH ada " + ada + "\r\n"};
  case 27: return {"PING"};
  case 28: return {"BLPOP", "none", "0.05"};
  case 29: return {"EVAL", "return redis.call('GET', KEYS[1])", "1", key};
  case 30: return {"CONFIG", "GET", "dir"};
  case 31: return {"SELECT", std::to_string(below(2))};
  case 32: return {"UNKNOWN", "a", ada};
  default: return {"QUIT"};
  }
}

std::string Maker::command() {
  std::string out;
  const std::vector<std::string> all = words();
  if (below(3) > 0) {
    resp::appendCommand(out, std::span(all));
    return out;
  }
  for (const std::string& word : all) {
    const bool quoted = word.find_first_of(" \r\n\"'") != std::string::npos || below(8) == 0;
    if (!out.empty()) out += ' ';
    if (!quoted) {
      out += word;
      continue;
    }
    out += '"';
    for (const char c : word) {
      if (c == '\r' || c == '\n')
        out.append("\\").append(1, c == '\r' ? 'r' : 'n');
      else
        out.append(c == '"' ? "\\" : "").append(1, c);
    }
    out += '"';
  }
  return out + (below(4) == 0 ? "\n" : "\r\n");
}

void Maker::damage(std::string& bytes) {
  static constexpr std::string_view alphabet("\r\n\0*$-+ \"'\\0123459:xX\v\t\xff"
                                             "AUTHauth",
                                             32);
  const std::size_t at = below(bytes.size() + 1);
  const char c = alphabet[below(alphabet.size())];
  switch (below(9)) {
  case 0:
  case 1: bytes.insert(at, 1, c); break;
  case 2: bytes.erase(at, 1 + below(3)); break;
  case 3:
    if (at < bytes.size()) bytes[at] = c;
    break;
  case 4: { // a line's end becomes another
    const std::size_t end = bytes.find("\r\n", at);
    if (end != std::string::npos) bytes.replace(end, 2, std::string(1, '\r') + c);
    break;
  }
  case 5: { // a number becomes its neighbour
    const std::size_t digit = bytes.find_first_of("0123456789", at);
    if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + below(10));
    break;
  }
  case 6: bytes.insert(at, bytes.substr(below(bytes.size()), below(40))); break;
  case 7: bytes.insert(at, command()); break;
  default: bytes.insert(at, below(20) == 0 ? std::string(70'000, 'x') : std::string(1 + below(40), c)); break;
  }
}

std::string Maker::next() {
  std::string out;
  if (coin()) resp::appendCommand(out, {"AUTH", "ada", adaPassword}); // else most would be a stranger's
  for (std::size_t left = 2 + below(9); left > 0; --left) out += command();
  if (below(5) > 0)
    for (std::size_t left = 1 + below(3); left > 0; --left) damage(out);
  return out;
}

} // namespace gatehouse::differential
