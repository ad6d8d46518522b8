// SPDX-License-Identifier: Apache-2.0
// The typed messages that nigh's own processes exchange. A message is a plain struct that lists
// its fields once:
//
//   struct Signal {
//     std::uint64_t process = 0;
//     std::uint32_t number = 0;
//     static constexpr auto fields = std::tuple(&Signal::process, &Signal::number);
//   };
//   using ToWorker = std::variant<Start, Signal, …>;
//
// encode() writes the index in the variant as a u8, then the fields in order; decode() accepts
// exactly that. Field types: bool, u8, u32, u64, i64, enums, std::string, Secret, optional, vector
// and structs with `fields`. The receiver may be less trusted than the sender or the reverse, so
// decoding is as strict as for bytes from the network; descriptors travel beside the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "wire/reader.hpp"

namespace nigh::wire {

template <class T>
concept Message = requires { T::fields; };

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
void put(Writer& out, const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::uint8_t>) {
    out.u8(value);
  } else if constexpr (std::is_enum_v<T>) {
    out.u32(static_cast<std::uint32_t>(value));
  } else if constexpr (std::is_same_v<T, std::uint32_t>) {
    out.u32(value);
  } else if constexpr (std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::int64_t>) {
    out.u64(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    out.string(value);
  } else if constexpr (std::is_same_v<T, Secret>) {
    out.string(value.expose());
  } else if constexpr (IsOptional<T>::value) {
    out.u8(value.has_value());
    if (value) put(out, *value);
  } else if constexpr (IsVector<T>::value) {
    out.u32(static_cast<std::uint32_t>(value.size()));
    for (const auto& element : value) put(out, element);
  } else {
    static_assert(Message<T>, "this field type has no encoding");
    std::apply([&](auto... member) { (put(out, value.*member), ...); }, T::fields);
  }
}

// False: the value is out of range. (Running out of bytes shows in in.ok().)
template <class T>
bool get(Reader& in, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    auto byte = in.u8();
    value = byte == 1;
    return byte <= 1;
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    value = in.u8();
  } else if constexpr (std::is_enum_v<T>) {
    // An enum names its last enumerator kLast, so that a hostile number never becomes one.
    auto number = in.u32();
    value = static_cast<T>(number);
    return number <= static_cast<std::uint32_t>(T::kLast);
  } else if constexpr (std::is_same_v<T, std::uint32_t>) {
    value = in.u32();
  } else if constexpr (std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::int64_t>) {
    value = static_cast<T>(in.u64());
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = in.string();
  } else if constexpr (std::is_same_v<T, Secret>) {
    value = Secret(std::string(in.string()));
  } else if constexpr (IsOptional<T>::value) {
    bool present = false;
    if (!get(in, present)) return false;
    if (present) return get(in, value.emplace());
    value.reset();
  } else if constexpr (IsVector<T>::value) {
    auto count = in.u32();
    // Grown one by one: a count that the bytes do not back allocates nothing.
    for (value.clear(); count > 0 && in.ok() && !in.at_end(); --count)
      if (!get(in, value.emplace_back())) return false;
    return count == 0;
  } else {
    static_assert(Message<T>, "this field type has no encoding");
    return std::apply([&](auto... member) { return (get(in, value.*member) && ...); }, T::fields);
  }
  return true;
}

template <class Variant, std::size_t... I>
bool get_alternative(Reader& in, std::size_t index, Variant& out, std::index_sequence<I...>) {
  return ((index == I && get(in, out.template emplace<I>())) || ...);
}

}  // namespace detail

template <class... Ms>
std::string encode(const std::variant<Ms...>& message) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(message.index()));
  std::visit([&](const auto& m) { detail::put(out, m); }, message);
  return std::move(out).str();
}

// Errc::malformed for anything encode() would not have written.
template <class Variant>
Result<Variant> decode(std::string_view bytes) {
  Reader in(bytes);
  Variant message;
  auto index = in.u8();
  if (!detail::get_alternative(in, index, message,
                               std::make_index_sequence<std::variant_size_v<Variant>>()))
    return fail(Errc::malformed, "a message between processes has a bad field");
  if (auto whole = in.finish("a message between processes"); !whole)
    return std::unexpected(whole.error());
  return message;
}

}  // namespace nigh::wire
