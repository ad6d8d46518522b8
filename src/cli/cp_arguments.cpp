// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_usage.hpp"

namespace nigh::cli {

const Usage& cp_usage() {
  static const Usage usage{
      .name = "cp",
      .summary = "copy files and folders to, from or between machines",
      .synopsis = {"cp [options] SRC... HOST:DST", "cp [options] HOST:SRC... DST",
                   "cp [options] HOST:SRC... HOST:DST", "cp [options] - HOST:FILE",
                   "cp [options] HOST:FILE... -"},
      .description =
          "Copies as cp and scp do: into DST if that is a folder, else to that name. A folder is "
          "copied with all that is in it; with a slash at its end, only what is in it. HOST:PATH "
          "is a path on a host, below the home unless it begins with a slash; patterns in it are "
          "expanded there, and no shell sees them. A path here that has a colon before its first "
          "slash is written ./a:b.\n"
          "Mode and time are kept. What is there and the same is not sent again, of a changed "
          "file only what changed. Each file is verified and gets its name only when it is "
          "complete; a transfer that was cut off continues where it stopped when the same command "
          "is given again.\n"
          "As a single source, - is standard input; as the destination it is standard output. "
          "Between two hosts the bytes pass through this machine, unless --direct is given.",
      .examples = {{"nigh cp report.pdf web1:", "into the home there"},
                   {"nigh cp -a web1:/etc/nginx backup/", "a folder, with owners and links"},
                   {"nigh cp 'web1:logs/*.gz' .", "a pattern that web1 expands"},
                   {"nigh cp web1:db.dump web2:/srv/", "from one host to another"},
                   {"pg_dump shop | nigh cp - web1:shop.sql", "a stream becomes a file"},
                   {"nigh cp --limit 2M -z big.tar web1:/srv/", "slowly, and compressed"}},
      .exits = transfer_exits(),
      .add_options = show_cp_options};
  return usage;
}

}  // namespace nigh::cli
