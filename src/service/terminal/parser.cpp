// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace nigh::terminal {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\x07';
constexpr char kCancel = '\x18';
constexpr char kSubstitute = '\x1a';

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20; }
bool is_final(char byte) { return byte >= 0x40 && byte <= 0x7e; }
bool is_intermediate(char byte) { return byte >= 0x20 && byte <= 0x2f; }

}  // namespace

const char* find_control(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (((word - kOnes * 0x20) & ~word & (kOnes * 0x80)) != 0) break;
  }
  while (at != end && !is_control(*at)) ++at;
  return at;
}

void Parser::feed(std::string_view bytes, ParserEvents& events) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    switch (state_) {
      case State::ground:
        at = take_text(at, end, events);
        break;
      case State::command:
      case State::other_string:
        at = take_string(at, end, events);
        break;
      default:
        step(*at++, events);
    }
  }
}

const char* Parser::take_text(const char* at, const char* end, ParserEvents& events) {
  const char* const control = find_control(at, end);
  if (control != at) events.on_text({at, control});
  if (control == end) return end;
  if (*control == kEscape) {
    begin_escape();
  } else {
    events.on_control(*control);
  }
  return control + 1;
}

void Parser::begin_escape() {
  state_ = State::escape;
  sequence_ = Sequence{};
  in_string_escape_ = false;
  too_long_ = false;
  kept_.assign(1, kEscape);
}

void Parser::keep(std::string_view bytes) {
  if (too_long_ || kept_.size() + bytes.size() > kMaxCommand) {
    too_long_ = true;
  } else {
    kept_ += bytes;
  }
}

void Parser::step(char byte, ParserEvents& events) {
  if (byte == kEscape) return begin_escape();
  if (byte == kCancel || byte == kSubstitute) {
    state_ = State::ground;
  } else if (is_control(byte)) {
    events.on_control(byte);  // takes effect at once, and the sequence goes on
  } else if (static_cast<unsigned char>(byte) < 0x7f) {
    keep({&byte, 1});
    if (too_long_) state_ = State::ignored_sequence;
    state_ == State::escape ? step_escape(byte, events) : step_sequence(byte, events);
  }
}

void Parser::step_escape(char byte, ParserEvents& events) {
  if (is_intermediate(byte)) {
    sequence_.intermediate = byte;
    return;
  }
  if (sequence_.intermediate == 0) {
    switch (byte) {
      case '[':
        state_ = State::control_sequence;
        return;
      case ']':
        state_ = State::command;
        return;
      case 'P':
      case 'X':
      case '^':
      case '_':
        state_ = State::other_string;
        return;
      default:
        break;
    }
  }
  state_ = State::ground;
  events.on_escape(sequence_.intermediate, byte);
}

void Parser::step_sequence(char byte, ParserEvents& events) {
  if (is_final(byte)) {
    const bool is_ignored = state_ == State::ignored_sequence;
    state_ = State::ground;
    sequence_.final = byte;
    if (!is_ignored) events.on_sequence(sequence_);
  } else if (is_intermediate(byte)) {
    sequence_.intermediate = byte;
  } else if (sequence_.intermediate != 0) {
    state_ = State::ignored_sequence;
  } else if (byte >= '<') {
    if (sequence_.count == 0 && sequence_.leader == 0) {
      sequence_.leader = byte;
    } else {
      state_ = State::ignored_sequence;
    }
  } else {
    const auto open = [&] {
      if (sequence_.count == Sequence::kMaxValues) return false;
      sequence_.values[sequence_.count++] = Sequence::kOmitted;
      return true;
    };
    if (sequence_.count == 0) open();
    if (byte == ';' || byte == ':') {
      if (!open()) state_ = State::ignored_sequence;
      if (byte == ':') sequence_.continues.set(sequence_.count - 1);
    } else {
      int& value = sequence_.values[sequence_.count - 1];
      value = std::min(std::max(value, 0) * 10 + (byte - '0'), Sequence::kMaxValue);
    }
  }
}

const char* Parser::take_string(const char* at, const char* end, ParserEvents& events) {
  if (in_string_escape_) {
    in_string_escape_ = false;
    if (*at == '\\') {
      end_string(events);
      return at + 1;
    }
    begin_escape();  // it was not the end, but the begin of something else, which wins
    return at;
  }
  const char* const control = find_control(at, end);
  keep({at, control});
  if (control == end) return end;
  if (*control == kEscape) {
    in_string_escape_ = true;
  } else if (*control == kBell && state_ == State::command) {
    end_string(events);
  } else if (*control == kCancel || *control == kSubstitute) {
    state_ = State::ground;
  }
  return control + 1;
}

void Parser::end_string(ParserEvents& events) {
  const bool is_command = state_ == State::command;
  state_ = State::ground;
  if (is_command && !too_long_) events.on_command(std::string_view(kept_).substr(2));
}

std::string Parser::unfinished() const {
  if (is_at_rest()) return {};
  std::string bytes = kept_;
  if (too_long_) {
    // Numbers and names that nobody has given a meaning.
    switch (state_) {
      case State::command:
        bytes = "\x1b]99999;";
        break;
      case State::other_string:
        bytes = "\x1b_";
        break;
      default:
        bytes = "\x1b[<<";
        break;
    }
  }
  if (in_string_escape_) bytes += kEscape;
  return bytes;
}

}  // namespace nigh::terminal
