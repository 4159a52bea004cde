#include "yaml/SourceText.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::yaml {

SourceText::SourceText(std::string_view text)
    : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  lines_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') lines_.push_back(i + 1);
}

Position SourceText::at(std::size_t offset) const noexcept {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const std::size_t begin = *(next - 1);
  const auto before = text_.substr(begin, offset - begin);
  const auto isFirstByte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return {static_cast<int>(next - lines_.begin()),
          static_cast<int>(std::count_if(before.begin(), before.end(), isFirstByte)) + 1};
}

std::vector<Mistake> SourceText::unfit(const std::string& file, std::size_t most) const {
  std::vector<Mistake> mistakes;
  std::size_t i = 0;
  while (i < text_.size() && mistakes.size() < most) {
    const auto wrong = [&](std::string text) { mistakes.push_back({file, at(i), {}, std::move(text)}); };
    const auto byte = static_cast<unsigned char>(text_[i]);
    const std::size_t length = utf8Length(text_.substr(i));
    if (length == 0) {
      wrong("byte 0x" + hex(text_.substr(i, 1)) + " is not UTF-8; save the file as UTF-8");
      return mistakes; // what follows would be guesswork
    }
    const bool lineBreak = byte == '\n' || (byte == '\r' && text_.substr(i + 1, 1) == "\n");
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text_[i + 1]) < 0xA0;
    if (byte == '\t') {
      wrong("a tab; indent with spaces, and write \\t inside double quotes");
    } else if ((byte < 0x20 && !lineBreak) || byte == 0x7F || c1) {
      wrong("control character 0x" + hex(text_.substr(i, length)));
    } else if (byte == '%' && (i == 0 || text_[i - 1] == '\n')) {
      wrong("a directive; remove the line");
    }
    i += length;
  }
  return mistakes;
}

} // namespace gatehouse::yaml
