// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/screen.hpp"

#include <algorithm>

#include "service/terminal/backlog.hpp"
#include "service/terminal/repaint.hpp"
#include "service/terminal/terminal.hpp"

namespace nigh::terminal {
namespace {

constexpr std::uint32_t kMaxHistory = 1'000'000;

int clamp_rows(std::uint32_t rows) {
  return static_cast<int>(std::clamp(rows, std::uint32_t{1}, Screen::kMaxRows));
}
int clamp_columns(std::uint32_t columns) {
  return static_cast<int>(std::clamp(columns, std::uint32_t{1}, Screen::kMaxColumns));
}

}  // namespace

struct Screen::Impl {
  Impl(int rows, int columns, std::uint32_t history) : terminal(rows, columns, history) {}

  Terminal terminal;
  Backlog backlog;
};

Screen::Screen(std::uint32_t rows, std::uint32_t columns, std::uint32_t scrollback_lines)
    : impl_(std::make_unique<Impl>(clamp_rows(rows), clamp_columns(columns),
                                   std::min(scrollback_lines, kMaxHistory))) {}
Screen::Screen(Screen&&) noexcept = default;
Screen& Screen::operator=(Screen&&) noexcept = default;
Screen::~Screen() = default;

void Screen::feed(std::string_view output) { impl_->backlog.add(output, impl_->terminal); }

void Screen::settle() { impl_->backlog.settle(impl_->terminal); }

void Screen::resize(std::uint32_t rows, std::uint32_t columns) {
  settle();
  impl_->terminal.resize(clamp_rows(rows), clamp_columns(columns));
}

std::string Screen::repaint(std::uint32_t scrollback_lines, PaintFrom from) const {
  impl_->backlog.settle(impl_->terminal);
  return terminal::repaint(impl_->terminal.state(), scrollback_lines, from) +
         impl_->terminal.unfinished();
}

std::uint32_t Screen::rows() const {
  return static_cast<std::uint32_t>(impl_->terminal.state().page().rows());
}
std::uint32_t Screen::columns() const {
  return static_cast<std::uint32_t>(impl_->terminal.state().page().columns());
}

}  // namespace nigh::terminal
