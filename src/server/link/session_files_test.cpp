// SPDX-License-Identifier: Apache-2.0
#include "server/link/session_files.hpp"

#include <gtest/gtest.h>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

TEST(SessionFilesTest, AResumeFileIsReadAsItWasWritten) {
  for (const auto& entry : {ResumeEntry{std::string("\0\xff key", 6), "", 3},
                            ResumeEntry{"key", "0123456789ab", ~0ull}}) {
    auto parsed = parse_resume_file(with_attachment(resume_text(entry), entry.attachment));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->key, entry.key);
    EXPECT_EQ(parsed->token_id, entry.token_id);
    EXPECT_EQ(parsed->attachment, entry.attachment);
  }
}

TEST(SessionFilesTest, WhatIsNotWholeIsNoResumeFile) {
  auto whole = with_attachment(resume_text({"key", "", 12}), 12);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_resume_file(whole.substr(0, size))) << size;
  for (const char* other : {"a2V5 - x\n", "a2V5 - -1\n", "a2V5 - 1 2\n", "? - 1\n", " - 1\n",
                            "a2V5  1\n", "a2V5 - 99999999999999999999\n"})
    EXPECT_FALSE(parse_resume_file(other)) << other;
}

TEST(SessionFilesTest, AFileOfASessionIsPrivateAndNeverReplaced) {
  for_test::Folder folder;
  ASSERT_TRUE(write_session_file(folder / "x", "content"));
  EXPECT_EQ(folder.read("x"), "content");
  EXPECT_EQ(for_test::mode_of(folder / "x"), 0600u);
  EXPECT_FALSE(write_session_file(folder / "x", "other"));
  EXPECT_EQ(write_session_file("/dev/full/x", "").error().code, Errc::system);
}

}  // namespace
}  // namespace nigh::server
