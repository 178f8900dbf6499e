#include "data/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "data/encoding.h"
#include "data/media_file.h"
#include "data/split.h"

namespace luthier {

namespace {
constexpr int kDeepestFolder = 32;
constexpr std::size_t kLabelBytes = 255;

std::string readable(const fs::path& path) { return repair_utf8(path.string()); }

/// What lies in one folder, in order of name; hidden entries are left out.
struct Entries {
  std::vector<fs::path> folders, files;
};

class Lister {
 public:
  Lister(const fs::path& root, FindingLog& log) : root_(root), log_(log) {}

  MediaFolder list() {
    const Entries top = entries_of(root_);
    const auto is_split = [](const fs::path& folder) { return split_by_name(folder.filename().string()).has_value(); };
    // Splits where a folder says train; a class that happens to be called "test" is none.
    const bool splits =
        metadata_in(top).empty() && std::any_of(top.folders.begin(), top.folders.end(), [](const fs::path& folder) {
          return split_by_name(folder.filename().string()) == Split::train;
        });
    if (splits) {
      found_.splits = true;
      for (const fs::path& folder : top.folders) {
        if (is_split(folder))
          list_part(folder, folder.filename().string());
        else
          log_.add("folders_without_split", 0, readable(folder.filename()));
      }
      for (const fs::path& file : top.files) add_other(file);
    } else {
      list_part(root_, "");
    }
    choose_modality();
    return std::move(found_);
  }

 private:
  Entries entries_of(const fs::path& folder) {
    Entries entries;
    std::error_code error;
    // A link that leads back to where it lies would never end.
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0 || !visited_.insert({info.st_dev, info.st_ino}).second) {
      log_.add("unreadable_folders", 0, readable(folder.lexically_relative(root_)));
      return entries;
    }
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const fs::path path = entry->path();
      std::error_code unknown;
      if (path.filename().string().starts_with("."))
        log_.add("other_files");
      else if (entry->is_directory(unknown))
        entries.folders.push_back(path);
      else if (entry->is_regular_file(unknown))
        entries.files.push_back(path);
      else
        log_.add("other_files", 0, readable(path.filename()));
    }
    if (error) log_.add("unreadable_folders", 0, readable(folder.lexically_relative(root_)) + ": " + error.message());
    std::sort(entries.folders.begin(), entries.folders.end());
    std::sort(entries.files.begin(), entries.files.end());
    return entries;
  }

  static fs::path metadata_in(const Entries& entries) {
    for (const char* name : {"metadata.csv", "metadata.jsonl", "metadata.parquet"})
      for (const fs::path& file : entries.files)
        if (file.filename() == name) return file;
    return {};
  }

  void add_other(const fs::path& file) { log_.add("other_files", 0, readable(file.filename())); }

  /// One split, or everything.
  void list_part(const fs::path& folder, const std::string& split) {
    const bool root = folder == root_;
    if (root) visited_.clear();
    const Entries entries = entries_of(folder);
    if (const fs::path metadata = metadata_in(entries); !metadata.empty())
      return add_described(folder, metadata, split);
    for (const fs::path& file : entries.files) add_file(file, "", split);
    for (const fs::path& inner : entries.folders)
      if (add_class(inner, split, 1) == 0) log_.add("empty_classes", 0, readable(inner.filename()));
  }

  /// The files of a class folder and of the folders within; how many there were.
  std::size_t add_class(const fs::path& folder, const std::string& split, int depth) {
    if (depth > kDeepestFolder) {
      log_.add("unreadable_folders", 0, readable(folder.lexically_relative(root_)));
      return 0;
    }
    const Entries entries = entries_of(folder);
    std::size_t count = 0;
    const std::string label = readable(folder.filename()).substr(0, kLabelBytes);
    for (const fs::path& file : entries.files) count += add_file(file, label, split);
    for (const fs::path& inner : entries.folders) count += add_class(inner, split, depth + 1);
    return count;
  }

  bool add_file(const fs::path& file, const std::string& label, const std::string& split) {
    const std::string modality = media_kind_of_name(file);
    if (modality.empty()) {
      add_other(file);
      return false;
    }
    ++kinds_[modality];
    found_.labels |= !label.empty();
    found_.files.push_back({file.lexically_relative(root_).string(), label, split, {}, {}});
    return true;
  }

  /// The rows of a metadata file; what it does not name is left out.
  void add_described(const fs::path& folder, const fs::path& metadata, const std::string& split) {
    ReadOptions how;
    const std::string head = metadata.extension() == ".csv" ? first_line(metadata) : "";
    const bool piped = head.find('|') != std::string::npos && head.find("file_name") == std::string::npos;
    if (piped) how.delimiter = "|", how.quote = "none";
    const std::size_t file_column = column_of_files(Table::open(metadata, how), piped, how, metadata);
    const Table table = Table::open(metadata, how);
    const bool named = table.detected().header != "no";
    // Columns of all metadata files together: those of a split may lack some.
    std::vector<std::size_t> places(table.columns().size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i == file_column) continue;
      Column column = table.columns()[i];
      if (piped && !named) column.name = i == 1 ? "text" : i == 2 ? "normalised_text" : column.name;
      const auto known = std::find_if(found_.metadata.begin(), found_.metadata.end(),
                                      [&](const Column& other) { return other.name == column.name; });
      places[i] = static_cast<std::size_t>(known - found_.metadata.begin());
      if (known == found_.metadata.end()) found_.metadata.push_back(column);
    }
    std::set<std::string> named_files;
    table.scan([&](const Row& row) {
      const std::string place = place_of(folder, row.values[file_column], row.number + 1);
      if (place.empty()) return true;
      named_files.insert(place);
      const std::string modality = media_kind_of_name(place);
      if (modality.empty()) {
        add_other(place);
        return true;
      }
      ++kinds_[modality];
      MediaFolder::File file{place, "", split, {}, {}};
      file.values.resize(found_.metadata.size());
      file.null.assign(found_.metadata.size(), true);
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (i == file_column) continue;
        file.values[places[i]] = row.values[i];
        file.null[places[i]] = row.null[i];
      }
      found_.files.push_back(std::move(file));
      return true;
    });
    for (const Finding& finding : table.findings())
      if (finding.severity != "note") log_.add(finding.id, finding.lines.empty() ? 0 : finding.lines[0]);
    count_unnamed(folder, metadata, named_files);
  }

  static std::string first_line(const fs::path& file) {
    const std::string head = read_file(file).substr(0, 4096);
    return head.substr(0, head.find('\n'));
  }

  static std::size_t column_of_files(const Table& table, bool piped, ReadOptions& how, const fs::path& metadata) {
    const auto named = [&](const std::string& name) {
      return static_cast<std::size_t>(std::find_if(table.columns().begin(), table.columns().end(),
                                                   [&](const Column& column) { return column.name == name; }) -
                                      table.columns().begin());
    };
    for (const char* name : {"file_name", "image_file_name", "audio_file_name", "path", "file", "filename"})
      if (const std::size_t i = named(name); i < table.columns().size()) return i;
    if (piped) {
      // LJSpeech: id|text|normalised text, without a line of names, whatever the first line looks like.
      how.header = "no";
      return 0;
    }
    std::string listed;
    for (const Column& column : table.columns()) listed += (listed.empty() ? "" : ", ") + column.name;
    fail(ErrorKind::bad_input, "the metadata file has no column file_name", metadata.string(),
         "name the column with the files so; the columns are: " + listed);
  }

  /// The file that a metadata row means, from the root on; "" with a finding where there is none inside the folder.
  std::string place_of(const fs::path& folder, const std::string& name, std::int64_t line) {
    const fs::path relative = fs::path(name).lexically_normal();
    const bool outside = name.empty() || relative.is_absolute() || *relative.begin() == "..";
    if (outside || name.find('\0') != std::string::npos) {
      log_.add("outside_files", line, repair_utf8(name).substr(0, 80));
      return {};
    }
    std::error_code unknown;
    for (const fs::path& tried :
         {relative, fs::path("wavs") / (name + ".wav"), fs::path(name + ".wav"), fs::path("wavs") / (name + ".flac"),
          fs::path(name + ".flac"), fs::path("wavs") / (name + ".mp3"), fs::path(name + ".mp3")})
      if (fs::is_regular_file(folder / tried, unknown)) return (folder / tried).lexically_relative(root_).string();
    log_.add("missing_files", line, repair_utf8(name).substr(0, 80));
    return {};
  }

  /// Media files that no metadata row names.
  void count_unnamed(const fs::path& folder, const fs::path& metadata, const std::set<std::string>& named) {
    visited_.clear();
    std::vector<fs::path> waiting = {folder};
    while (!waiting.empty()) {
      const Entries entries = entries_of(waiting.back());
      waiting.pop_back();
      waiting.insert(waiting.end(), entries.folders.begin(), entries.folders.end());
      for (const fs::path& file : entries.files) {
        if (file == metadata || named.contains(file.lexically_relative(root_).string())) continue;
        if (media_kind_of_name(file).empty())
          add_other(file);
        else
          log_.add("undescribed_files", 0, readable(file.filename()));
      }
    }
  }

  /// Images or recordings, whichever there are more of.
  void choose_modality() {
    if (found_.files.empty())
      fail(ErrorKind::bad_input, "the folder holds no image and no recording that can be used", root_.string(),
           reasons() + "put a folder for each class into it, or a metadata.csv with a column file_name");
    found_.modality = kinds_["audio"] > kinds_["image"] ? "audio" : "image";
    std::erase_if(found_.files, [&](const MediaFolder::File& file) {
      const bool other = media_kind_of_name(file.path) != found_.modality;
      if (other) add_other(file.path);
      return other;
    });
    for (MediaFolder::File& file : found_.files) {  // earlier splits lack what later ones brought
      file.values.resize(found_.metadata.size());
      file.null.resize(found_.metadata.size(), true);
    }
    found_.labels &= found_.metadata.empty();
  }

  std::string reasons() const {
    std::string text;
    for (const Finding& finding : log_.list())
      if (finding.severity != "note") text += finding.message + "; ";
    return text;
  }

  const fs::path root_;
  FindingLog& log_;
  MediaFolder found_;
  std::map<std::string, std::size_t> kinds_;
  std::set<std::pair<dev_t, ino_t>> visited_;
};

class FolderRows : public RowReader {
 public:
  FolderRows(const Layout& layout, FindingLog& log) : layout_(layout), log_(log) {}

  bool next(Row& row) override {
    const MediaFolder& folder = *layout_.folder;
    if (at_ == folder.files.size()) return false;
    const MediaFolder::File& file = folder.files[at_++];
    row.values.clear();
    row.null.clear();
    add(row, repair_utf8(file.path), false);
    for (std::size_t i = 0; i < folder.metadata.size(); ++i) add(row, file.values[i], file.null[i]);
    if (folder.labels) add(row, file.label, file.label.empty());
    if (folder.splits) add(row, file.split, false);
    const MediaFacts facts = probe_file(layout_.path / file.path, folder.modality);
    const bool unknown = !facts.problem.empty();
    if (unknown) log_.add("unreadable_media", static_cast<std::int64_t>(at_), repair_utf8(file.path));
    if (folder.modality == "image") {
      add(row, std::to_string(facts.width), unknown);
      add(row, std::to_string(facts.height), unknown);
    } else {
      add(row, facts.seconds_text(), unknown);
      add(row, std::to_string(facts.rate), unknown);
    }
    return true;
  }

 private:
  static void add(Row& row, std::string value, bool null) {
    row.values.push_back(null ? "" : std::move(value));
    row.null.push_back(null);
  }
  const Layout& layout_;
  FindingLog& log_;
  std::size_t at_ = 0;
};
}  // namespace

std::uint64_t folder_fingerprint(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error))
    files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  const std::string place = fs::absolute(folder).string();
  std::uint64_t hash = hash_bytes(place.data(), place.size());
  for (const fs::path& file : files) {
    const std::string name = file.string();
    hash = hash_bytes(name.data(), name.size(), hash);
    std::error_code unknown;
    if (!fs::is_regular_file(file, unknown)) continue;
    const auto changed = fs::last_write_time(file, unknown).time_since_epoch().count();
    hash = mix(hash, fs::file_size(file, unknown), static_cast<std::uint64_t>(changed));
  }
  return hash;
}

std::uint64_t folder_bytes(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown)) bytes += entry->file_size(unknown);
  }
  return bytes;
}

void detect_folder(Layout& layout, FindingLog& log) {
  layout.detected.format = "folder";
  layout.detected.encoding = "utf-8";
  MediaFolder folder = Lister(layout.path, log).list();
  const auto wanted = static_cast<std::size_t>(layout.detected.max_rows), all = folder.files.size();
  if (wanted > 0 && wanted < all) {
    // The first so many would be of one class.
    std::vector<MediaFolder::File> chosen;
    for (std::size_t i = 0; i < wanted; ++i) chosen.push_back(std::move(folder.files[i * all / wanted]));
    folder.files = std::move(chosen);
  }
  layout.columns = {{folder.modality, "text"}};
  std::set<std::string> taken = {folder.modality};
  const auto add = [&](const std::string& name, const std::string& type) {
    std::string free = name;
    for (int again = 2; !taken.insert(free).second; ++again) free = name + "_" + std::to_string(again);
    layout.columns.push_back({free, type});
  };
  for (const Column& column : folder.metadata) add(column.name, column.type);
  if (folder.labels) add("label", "text");
  if (folder.splits) add("split", "text");
  if (folder.modality == "image") {
    add("width", "integer");
    add("height", "integer");
  } else {
    add("seconds", "number");
    add("rate", "integer");
  }
  layout.bytes.clear();
  layout.folder = std::make_shared<const MediaFolder>(std::move(folder));
}

std::unique_ptr<RowReader> open_folder_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<FolderRows>(layout, log);
}

}  // namespace luthier
