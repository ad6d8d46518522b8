// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_usage.hpp"

namespace nigh::cli {

const Usage& sync_usage() {
  static const Usage usage{
      .name = "sync",
      .summary = "make a folder like another one on another machine",
      .synopsis = {"sync [options] SRC/ HOST:DST/", "sync [options] HOST:SRC/ DST/",
                   "sync [options] HOST:SRC/ HOST:DST/"},
      .description =
          "Makes the folder DST like the folder SRC, with or without a slash at its end. Only "
          "differences are sent: of a changed file what changed, of a renamed one its new name. "
          "With --delete also what SRC does not have is removed. Symbolic links are copied as "
          "links.\n"
          "With --dry-run or -v each item is listed: + new, * changed, . only its attributes, "
          "= hard link, > renamed there, & copied there (each OLD -> NEW), - deleted, ! skipped "
          "with the reason. Folders end in a slash, and bytes that a terminal should not get are "
          "shown as \\xNN.\n"
          "The first of --include, --exclude and --filter that matches decides, in the language "
          "of gitignore(5); then ignore files do, those of the deepest folder first. What is in an "
          "excluded folder is excluded with it.",
      .examples = {{"nigh sync site/ web1:/var/www/site/", "only what differs is sent"},
                   {"nigh sync -an --delete site/ web1:/var/www/site/",
                    "what would be done to make it exactly the same?"},
                   {"nigh sync --gitignore --exclude .git src/ web1:src/",
                    "without what git leaves out"},
                   {"nigh sync --watch --delete src/ web1:src/", "follow changes until ^C"},
                   {"nigh sync --json web1:/srv/data/ data/", "for programs"}},
      .exits = transfer_exits(),
      .add_options = show_sync_options};
  return usage;
}

}  // namespace nigh::cli
