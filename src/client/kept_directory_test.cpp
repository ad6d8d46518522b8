// SPDX-License-Identifier: Apache-2.0
#include "client/kept_directory.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <functional>

#include "client/kept_messages.hpp"
#include "client/test_folder.hpp"

namespace nigh::client {
namespace {

Endpoint endpoint() {
  Endpoint e;
  e.host = "web1";
  e.user = "ada";
  e.known_hosts_names = {"web1"};
  e.known_hosts_files = {"/k"};
  e.known_hosts_to_append = "/k";
  e.identities.files = {"/id"};
  return e;
}

std::string name_with(const std::function<void(Endpoint&)>& change) {
  auto changed = endpoint();
  change(changed);
  return kept_name(changed);
}

TEST(KeptNameTest, EverythingThatDecidesWhoIsReachedAsWhomIsInIt) {
  auto name = kept_name(endpoint());
  EXPECT_EQ(name.size(), 32u);
  for (const auto& change : std::vector<std::function<void(Endpoint&)>>{
           [](auto& e) { e.host = "web2"; }, [](auto& e) { e.port = 1; },
           [](auto& e) { e.user = "bob"; }, [](auto& e) { e.known_hosts_names = {"other"}; },
           [](auto& e) { e.known_hosts_files = {"/k", "/l"}; },
           [](auto& e) { e.known_hosts_to_append = ""; },
           [](auto& e) { e.identities.files = {"/other"}; },
           [](auto& e) { e.identities.certificates = {"/c"}; },
           [](auto& e) { e.identities.agent_socket = "/a"; },
           [](auto& e) { e.identities.offer_agent_keys = false; },
           [](auto& e) { e.identities.default_files = {"/d"}; }})
    EXPECT_NE(name_with(change), name);
}

TEST(KeptNameTest, WhatIsOnlyAboutThisCommandIsNotInIt) {
  auto name = kept_name(endpoint());
  EXPECT_EQ(name_with([](auto& e) { e.alias = "w"; }), name);
  EXPECT_EQ(name_with([](auto& e) { e.timeout = std::chrono::seconds(3); }), name);
  EXPECT_EQ(name_with([](auto& e) { e.unknown_host = UnknownHostPolicy::accept; }), name);
}

TEST(KeptNameTest, WithNowhereToRememberAKeyWhoAcceptsItIsInIt) {
  auto forgetful = [](UnknownHostPolicy policy) {
    return name_with([policy](auto& e) {
      e.known_hosts_to_append = "";
      e.unknown_host = policy;
    });
  };
  EXPECT_NE(forgetful(UnknownHostPolicy::accept), forgetful(UnknownHostPolicy::refuse));
}

TEST(KeptDirectoryTest, OneThatOthersMayEnterIsRefused) {
  TestFolder folder;
  auto path = folder / "kept";
  EXPECT_FALSE(*KeptDirectory::open(path));  // not there
  ASSERT_TRUE(KeptDirectory::make(path));
  ::chmod(path.c_str(), 0710);
  EXPECT_EQ(KeptDirectory::open(path).error().code, Errc::refused);
  EXPECT_EQ(KeptDirectory::make(path).error().code, Errc::refused);
  ::chmod(path.c_str(), 0700);
  EXPECT_TRUE(*KeptDirectory::open(path));
  ASSERT_EQ(::symlink(path.c_str(), (folder / "link").c_str()), 0);
  EXPECT_FALSE(KeptDirectory::open(folder / "link"));
}

TEST(KeptDirectoryTest, ASocketIsFoundUntilItsProcessHasEnded) {
  TestFolder folder;
  auto directory = *KeptDirectory::make(folder / std::string(150, 'd'));  // longer than sun_path
  std::string name(32, 'a');
  EXPECT_EQ(directory.connect(name).error().code, Errc::unavailable);
  auto listening = directory.listen(name);
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_TRUE(directory.connect(name));
  EXPECT_TRUE(directory.leads_to_us(name));
  EXPECT_FALSE(directory.remove_dead(name));
  EXPECT_THAT(directory.names(), testing::ElementsAre(name));
  auto successor = directory.listen(name);  // takes its place
  listening->reset();
  EXPECT_TRUE(directory.connect(name));
  successor->reset();
  EXPECT_EQ(directory.connect(name).error().code, Errc::unavailable);
  auto lock = directory.lock(name);
  EXPECT_FALSE(directory.remove_dead(name));  // somebody is about to make another
  lock->reset();
  EXPECT_TRUE(directory.remove_dead(name));
  EXPECT_TRUE(directory.names().empty());
}

TEST(KeptDirectoryTest, OneAtATimeHasTheLock) {
  TestFolder folder;
  auto directory = *KeptDirectory::make(folder / "kept");
  auto lock = directory.lock("x");
  ASSERT_TRUE(lock);
  EXPECT_FALSE(directory.try_to_lock("x").valid());
  EXPECT_TRUE(directory.try_to_lock("y").valid());
  lock->reset();
  EXPECT_TRUE(directory.try_to_lock("x").valid());
}

TEST(KeptMessagesTest, AnEndpointArrivesAsItWas) {
  auto sent = endpoint();
  sent.port = 7000;
  sent.unknown_host = UnknownHostPolicy::refuse;
  sent.timeout = std::chrono::seconds(3);
  sent.keep = std::chrono::minutes(5);
  auto bytes = wire::encode(ToStarting(begin_of(sent, "/dir")));
  auto got = std::get<Begin>(*wire::decode<ToStarting>(bytes));
  auto arrived = endpoint_of(got);
  ASSERT_TRUE(arrived);
  EXPECT_EQ(kept_name(*arrived), kept_name(sent));
  EXPECT_EQ(arrived->timeout, sent.timeout);
  EXPECT_EQ(arrived->keep, sent.keep);
  EXPECT_EQ(arrived->unknown_host, sent.unknown_host);
  got.port = 65536;
  EXPECT_EQ(endpoint_of(got).error().code, Errc::malformed);
  got.port = 1;
  got.unknown_host = 3;
  EXPECT_EQ(endpoint_of(got).error().code, Errc::malformed);
}

}  // namespace
}  // namespace nigh::client
