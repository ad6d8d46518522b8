// SPDX-License-Identifier: Apache-2.0
// What the receiver tells of its side: the folders whose digests differ.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "files/names.hpp"
#include "service/sync/receiver.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kPartialDigits = 16;
constexpr std::size_t kListingBytes = 512 << 10;

std::size_t weight_of(const files::Entry& entry) {
  std::size_t weight = 64 + entry.name.size() + entry.target.size();
  for (const auto& xattr : entry.xattrs) weight += xattr.name.size() + xattr.value.size() + 8;
  return weight;
}

std::vector<Listing::Partial> partials_in(const files::Directory& directory,
                                          const std::vector<std::string>& temporaries) {
  std::vector<Listing::Partial> partials;
  for (const auto& name : temporaries) {
    struct stat status{};
    if (!files::is_partial_name(name) ||
        ::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode))
      continue;
    partials.push_back(
        {name.substr(name.size() - kPartialDigits), static_cast<std::uint64_t>(status.st_size)});
  }
  return partials;
}

std::string digits_of(const std::string& name) {
  auto whole = files::partial_name(name);
  return whole.substr(whole.size() - kPartialDigits);
}

// The top's one name is another one for the sender, and so is what is left of it.
void rename_top(Listing& listing, const Target& target) {
  for (auto& entry : listing.entries) entry.name = target.there(entry.name);
  const auto& there = target.there_name();
  for (auto& partial : listing.partials)
    if (partial.name == digits_of(target.here(there))) partial.name = digits_of(there);
}

// Where the target is to be like the source.
bool removes_leftovers(const Receiving& receiving, const Round& round) {
  return receiving.spec.remove_extra && !receiving.spec.dry_run && !round.names;
}

files::Selection selection_of(const Receiving& receiving, const Target& target,
                              const Round& round) {
  files::Selection selection{.names = target.names_here(round),
                             .filter = unwrap(filter_of(receiving.spec)),
                             .preserve = receiving.preserve};
  selection.partials_differ = removes_leftovers(receiving, round);
  return selection;
}

}  // namespace

void Receiver::begin_round(Round round) {
  if (state_) throw Failure(Errc::malformed, "transfer: a round within a round");
  permission_.check_round(round);
  auto target = unwrap(Target::find(destination_, round, receiving_.spec.dry_run));
  state_.emplace(receiving_, std::move(target), std::move(round));
  auto& state = *state_;
  if (state.target.base() == nullptr) {
    send_listing({.exists = false});
    return end_listing();
  }
  auto selection = selection_of(receiving_, state.target, state.round);
  SelectedLists lists(*state.target.base(), selection);
  auto ignore = [](const std::string&, const Error&) {};
  std::vector<std::string> temporaries;
  auto top = lists.list(*state.target.base(), "", ignore, &temporaries);
  // Nothing there: no need to wait for what the sender counts. Names that differ, and contents that
  // are to be compared, are no matter of digests.
  const bool plain = !state.target.renames() && !receiving_.spec.checksum;
  if (!plain || (top && top->empty())) {
    list_all(lists, "");
    return end_listing();
  }
  state.tree = unwrap(files::digest_tree(
      *state.target.base(), selection, owners_.local(), receiving_.spec.seed,
      [this](const std::string& path, const Error& error) { receiving_.failed(path, error); },
      receiving_.stopped));
}

void Receiver::on_digests(Digests digests) {
  auto& round = state();
  if (round.listed) return;  // it was on its way when we answered
  if (!round.tree) throw Failure(Errc::malformed, "transfer: digests out of turn");
  if (digests.root == round.tree->root && round.theirs.empty()) {
    round.listed = true;
    return receiving_.writer.send(Frame::same);
  }
  if (!digests.all) return receiving_.writer.send(Frame::want_digests);
  std::ranges::move(digests.folders, std::back_inserter(round.theirs));
  if (!digests.last) return;
  list_differing(round.theirs);
  end_listing();
}

// Both are in the same order. What only the sender has it finds by what is missing in the folder
// above; what only we have matters where it is to be removed, or may be renamed.
void Receiver::list_differing(const std::vector<Digests::Folder>& theirs) {
  auto& round = state();
  auto selection = selection_of(receiving_, round.target, round.round);
  SelectedLists lists(*round.target.base(), selection);
  const bool want_extra = receiving_.spec.remove_extra && !round.round.names;
  auto their = theirs.begin();
  for (const auto& own : round.tree->directories) {
    while (their != theirs.end() && files::path_before(their->path, own.path)) ++their;
    const bool both = their != theirs.end() && their->path == own.path;
    if (both ? their->digest != own.digest : want_extra) list_one(lists, own.path);
  }
}

void Receiver::list_one(SelectedLists& lists, const std::string& path) {
  auto& round = state();
  auto directory = round.target.base()->beneath(path);
  if (!directory) return receiving_.failed(path, directory.error());
  auto on_failed = [this](const std::string& name, const Error& error) {
    receiving_.failed(name, error);
  };
  std::vector<std::string> temporaries;
  auto entries = lists.list(*directory, path, on_failed, &temporaries);
  if (!entries) return receiving_.failed(path, entries.error());
  if (!receiving_.spec.dry_run) files::remove_stale(*directory, temporaries);
  note_leftovers(path, temporaries);
  Listing listing{.path = round.target.there(path)};
  listing.partials = partials_in(*directory, temporaries);
  listing.entries = *std::move(entries);
  if (path.empty() && round.target.renames()) rename_top(listing, round.target);
  send_listing(std::move(listing));
}

void Receiver::list_all(SelectedLists& lists, const std::string& path) {
  list_one(lists, path);
  auto directory = state().target.base()->beneath(path);
  if (!directory) return;
  auto ignore = [](const std::string&, const Error&) {};
  auto entries = lists.list(*directory, path, ignore);
  if (!entries) return;
  for (const auto& entry : *entries)
    if (entry.kind == files::Kind::directory) list_all(lists, join(path, entry.name));
}

// In frames of a size that the peer takes.
void Receiver::send_listing(Listing listing) {
  auto entries = std::exchange(listing.entries, {});
  std::size_t weight = 0;
  auto send = [&](bool last) {
    listing.last = last;
    auto frame = encode(listing, receiving_.fields);
    receiving_.writer.send(frame, FrameWriter::Pack::metadata);
    listing.entries.clear();
    listing.partials.clear();
    weight = 0;
  };
  for (auto& entry : entries) {
    if (auto news = owners_.news_about(entry)) {
      auto frame = encode(*news);
      receiving_.writer.send(frame);
    }
    weight += weight_of(entry);
    listing.entries.push_back(std::move(entry));
    if (weight >= kListingBytes) send(false);
  }
  send(true);
}

void Receiver::end_listing() {
  auto& round = state();
  round.listed = true;
  round.tree.reset();
  round.theirs = {};
  receiving_.writer.send(Frame::listed);
}

// What no file of the source goes on with has to go.
void Receiver::note_leftovers(const std::string& path,
                              const std::vector<std::string>& temporaries) {
  if (!removes_leftovers(receiving_, state().round)) return;
  for (const auto& name : temporaries)
    if (files::is_partial_name(name)) state().leftovers.emplace(path, name);
}

void Receiver::remove_leftovers() {
  for (const auto& [path, name] : state().leftovers)
    if (auto directory = state().target.base()->beneath(path))
      files::remove_partials(*directory, {name});
}

}  // namespace nigh::sync
