// SPDX-License-Identifier: Apache-2.0
#include "files/descent.hpp"

#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;

constexpr int kDepth = 2 * Descent::kKeptOpen + 3;

class DescentTest : public ::testing::Test {
 protected:
  DescentTest() {
    make_deep(top_, "d", kDepth);
    for (int i = 0; i < kDepth; ++i) EXPECT_TRUE(descent_.enter("d"));
  }
  Folder folder_;
  Directory top_ = open_folder(folder_);
  Descent descent_{top_};
};

TEST_F(DescentTest, LeadsBackToTheSameDirectories) {
  for (int depth = kDepth; depth > 0; --depth) {
    ASSERT_EQ(descent_.depth(), static_cast<std::size_t>(depth));
    EXPECT_EQ(descent_.here().path().size(), folder_.path().size() + 2 * depth);
    ASSERT_TRUE(descent_.here().make_child("mark " + std::to_string(depth), 0700));
    ASSERT_TRUE(descent_.leave());
  }
  EXPECT_EQ(descent_.here().fd(), top_.fd());
  std::string path = "d";
  for (int depth = 1; depth <= kDepth; ++depth, path += "/d")
    EXPECT_TRUE(top_.beneath(path + "/mark " + std::to_string(depth))) << depth;
}

TEST_F(DescentTest, GoesNowhereElseIfTheTreeIsMovedMeanwhile) {
  // Its ".." is the top from now on, not d/d/d/d.
  ASSERT_EQ(::rename((folder_ / "d/d/d/d/d").c_str(), (folder_ / "moved").c_str()), 0);
  Result<void> left;
  while (left && descent_.depth() > 0) left = descent_.leave();
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, Errc::system);
  EXPECT_EQ(left.error().message, folder_ / "d/d/d/d" + " was moved while it was read; try again");
}

TEST_F(DescentTest, WhatCannotBeEnteredChangesNothing) {
  EXPECT_EQ(descent_.enter("none").error().code, Errc::not_found);
  EXPECT_EQ(descent_.enter("..").error().code, Errc::usage);
  EXPECT_EQ(descent_.depth(), static_cast<std::size_t>(kDepth));
}

}  // namespace
}  // namespace nigh::files
