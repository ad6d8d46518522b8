// SPDX-License-Identifier: Apache-2.0
// Cuts a terminal's input into text, control characters and sequences (ECMA-48, and the state
// machine of a VT500 as terminals implement it). Knows no sequence's meaning.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace nigh::terminal {

// CSI leader values intermediate final.
struct Sequence {
  static constexpr std::size_t kMaxValues = 32;  // with more it is ignored
  static constexpr int kMaxValue = 65535;        // larger ones are this
  static constexpr int kOmitted = -1;

  char leader = 0;        // one of "<=>?", or 0
  char intermediate = 0;  // the last of those before the final byte, or 0
  char final = 0;
  std::size_t count = 0;
  std::array<int, kMaxValues> values{};
  std::bitset<kMaxValues> continues;  // the value was joined to the one before by a colon

  // The value, or `otherwise` where there is none.
  int value(std::size_t index, int otherwise) const {
    return index < count && values[index] != kOmitted ? values[index] : otherwise;
  }
  // The same for a count: 0 means 1.
  int amount(std::size_t index = 0) const {
    const int given = value(index, 1);
    return given == 0 ? 1 : given;
  }
  int key() const { return key(leader, intermediate, final); }
  // To dispatch on.
  static constexpr int key(char leader, char intermediate, char final) {
    return leader << 16 | intermediate << 8 | final;
  }
};

class ParserEvents {
 public:
  virtual void on_text(std::string_view bytes) = 0;  // no byte below 0x20; a DEL is possible
  virtual void on_control(char control) = 0;         // below 0x20
  virtual void on_escape(char intermediate, char final) = 0;
  virtual void on_sequence(const Sequence& sequence) = 0;
  virtual void on_command(std::string_view osc) = 0;  // OSC; those longer than kMaxCommand never

 protected:
  ~ParserEvents() = default;
};

class Parser {
 public:
  static constexpr std::size_t kMaxCommand = 4096;

  void feed(std::string_view bytes, ParserEvents& events);
  bool is_at_rest() const { return state_ == State::ground; }

  // Bytes that bring a parser at rest to this one's state, but for a string (OSC, DCS …) that is
  // longer than kMaxCommand: there, to where the rest of it will be ignored.
  std::string unfinished() const;

 private:
  enum class State { ground, escape, control_sequence, ignored_sequence, command, other_string };

  const char* take_text(const char* at, const char* end, ParserEvents& events);
  const char* take_string(const char* at, const char* end, ParserEvents& events);
  void step(char byte, ParserEvents& events);
  void step_escape(char byte, ParserEvents& events);
  void step_sequence(char byte, ParserEvents& events);
  void begin_escape();
  void end_string(ParserEvents& events);
  void keep(std::string_view bytes);

  State state_ = State::ground;
  Sequence sequence_;
  bool in_string_escape_ = false;  // ESC within a string: its end, if a backslash follows
  bool too_long_ = false;
  std::string kept_;  // the unfinished sequence, from its ESC
};

// The first byte below 0x20 at or after `at`, or `end`.
const char* find_control(const char* at, const char* end);

}  // namespace nigh::terminal
