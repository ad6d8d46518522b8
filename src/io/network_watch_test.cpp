// SPDX-License-Identifier: Apache-2.0
#include "io/network_watch.hpp"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace nigh::io {
namespace {

std::string message(std::uint16_t type, std::size_t payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload);
  header.nlmsg_type = type;
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  out.resize(NLMSG_ALIGN(header.nlmsg_len));
  return out;
}

TEST(ANetworkWatch, FindsAddressesAmongOtherNews) {
  EXPECT_FALSE(tells_of_addresses(""));
  EXPECT_FALSE(tells_of_addresses(message(RTM_NEWLINK, 5)));
  EXPECT_TRUE(tells_of_addresses(message(RTM_NEWADDR, 24)));
  EXPECT_TRUE(tells_of_addresses(message(RTM_NEWLINK, 5) + message(RTM_DELADDR, 24)));
}

TEST(ANetworkWatch, TakesWhatItDoesNotUnderstandForNews) {
  auto link = message(RTM_NEWLINK, 8);
  EXPECT_TRUE(tells_of_addresses(link.substr(0, link.size() - 1)));
  EXPECT_TRUE(tells_of_addresses(link + "x"));
  EXPECT_TRUE(tells_of_addresses(std::string(64, '\0')));
}

TEST(ANetworkWatch, HoldsUpNoLoopOnceItIsGone) {
  asio::io_context context(1);
  {
    NetworkWatch watch(context.get_executor(), [](NetworkWatch::Event) { ADD_FAILURE(); });
    context.poll();
  }
  context.run();
}

// In a network of its own; exits with 0 when the address of its loopback interface was told of.
[[noreturn]] void watch_an_interface_come_up() {
  constexpr int kCannot = 77;
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) ::_exit(kCannot);
  asio::io_context context(1);
  NetworkWatch watch(context.get_executor(), [](NetworkWatch::Event event) {
    ::_exit(event == NetworkWatch::Event::addresses_changed ? 0 : 1);
  });
  UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK;
  if (::ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) ::_exit(kCannot);
  context.run_for(std::chrono::seconds(10));
  ::_exit(1);
}

TEST(ANetworkWatch, TellsOfANewAddress) {
  auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) watch_an_interface_come_up();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no network namespaces here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace nigh::io
