#include "data/dataset.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "data/cache.h"
#include "data/encode.h"
#include "data/folder.h"
#include "data/roles.h"
#include "data/source.h"
#include "data/survey.h"

namespace luthier {

namespace {
constexpr int kCacheVersion = 4;  ///< raise when the same options lead to other tokens, splits or labels

std::uint64_t stamp_of(const fs::path& file, std::uint64_t hash) {
  std::error_code unknown;
  const auto size = fs::file_size(file, unknown);
  const auto changed = fs::last_write_time(file, unknown).time_since_epoch().count();
  return mix(hash, size, static_cast<std::uint64_t>(changed));
}

/// Sizes and times of change of the files that a table names.
std::uint64_t media_fingerprint(const DatasetOptions& options, const fs::path& path) {
  if (path.empty() || options.modality == "text" || fs::is_directory(path)) return 0;
  const Table table = Table::open(path, options.read);
  const RoleReader roles(table, options, true);
  std::uint64_t hash = 0;
  RoleRow row;
  table.scan([&](const Row& values) {
    if (roles.fill(values, row) && !row.media_path.empty()) hash = stamp_of(row.media_path, hash);
    return true;
  });
  return hash;
}

/// Size, time of change, and the first and last 64 KiB: enough to notice every ordinary change.
std::uint64_t file_fingerprint(const fs::path& path) {
  if (path.empty()) return 0;
  if (fs::is_directory(path)) return folder_fingerprint(path);
  ByteSource probe(path);  // says clearly what is wrong with the path
  const auto file = MappedFile::open(path);
  const std::size_t edge = std::min<std::size_t>(file->size(), 65536);
  std::uint64_t hash = hash_bytes(file->data(), edge);
  hash = hash_bytes(file->data() + (file->size() - edge), edge, hash);
  const std::string name = fs::absolute(path).string();
  hash = hash_bytes(name.data(), name.size(), hash);
  return mix(hash, file->size(), static_cast<std::uint64_t>(fs::last_write_time(path).time_since_epoch().count()));
}

std::uint64_t dataset_fingerprint(const DatasetOptions& options, const Tokenizer* tokenizer) {
  const ReadOptions& read = options.read;
  const Json said = {kCacheVersion,
                     read.format,
                     read.encoding,
                     read.delimiter,
                     read.quote,
                     read.header,
                     read.max_rows,
                     options.roles,
                     options.labels,
                     options.task,
                     options.label_on,
                     options.loss_on,
                     options.max_tokens,
                     options.validation_share,
                     options.test_share,
                     options.stratify,
                     options.for_training,
                     options.seed,
                     options.modality,
                     options.longest_seconds,
                     options.sample_rate,
                     options.prefix,
                     options.separator,
                     options.max_target_tokens,
                     options.language,
                     options.speech_task,
                     options.system,
                     options.chat_template,
                     tokenizer ? tokenizer->chat_template() : std::string()};
  const std::string text = said.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::uint64_t hash = mix(hash_bytes(text.data(), text.size()), tokenizer ? tokenizer->fingerprint() : 0);
  for (const auto& path : {options.train, options.validation, options.test})
    hash = mix(hash, file_fingerprint(path), media_fingerprint(options, path));
  return hash;
}

/// The second pass over one file: the surveyed rows as tokens into the cache.
class FileEncoder {
 public:
  FileEncoder(const DatasetOptions& options, const RowEncoder& encoder, SurveyedFile& file, CacheWriter& cache)
      : options_(options), encoder_(encoder), file_(file), cache_(cache) {}

  void run(std::int64_t done_before, std::int64_t all_rows) {
    const Table table = Table::open(file_.path, options_.read);
    const RoleReader roles(table, options_, true);
    std::size_t next = 0;
    table.scan([&](const Row& values) {
      if (next == file_.rows.size()) return false;
      if (values.number != file_.rows[next].source_row) return true;
      roles.fill(values, batch_.emplace_back());
      ++next;
      if (batch_.size() == kEncodedAtOnce) write_batch();
      if (options_.progress && next % kEncodedAtOnce == 0)
        options_.progress("encoding", static_cast<double>(done_before + static_cast<std::int64_t>(next)) /
                                          static_cast<double>(all_rows));
      return true;
    });
    write_batch();
    if (written_ != file_.rows.size())
      fail(ErrorKind::conflict, "the file changed while it was read", file_.path.string(),
           "start again when it is complete");
  }

 private:
  void write_batch() {
    auto encoded = encode_rows(encoder_, batch_, 8);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      const SurveyedRow& row = file_.rows[written_++];
      if (options_.modality != "text") encoded[i].length = row.length;
      if (encoded[i].target_truncated) file_.log.add("cut_targets", row.source_row + 1);
      if (encoded[i].unknown_target) file_.log.add("unknown_letters", row.source_row + 1);
      if (encoded[i].truncated) file_.log.add("truncated_rows", row.source_row + 1);
      if (encoded[i].no_assistant)
        file_.log.add("no_assistant_span", row.source_row + 1);
      else if (encoded[i].nothing_to_learn)
        file_.log.add("no_loss_rows", row.source_row + 1);
      else
        cache_.add(row.split, encoded[i], batch_[i], row.label, row.weight);
    }
    batch_.clear();
  }

  const DatasetOptions& options_;
  const RowEncoder& encoder_;
  SurveyedFile& file_;
  CacheWriter& cache_;
  std::vector<RoleRow> batch_;
  std::size_t written_ = 0;
};

void write_cache(const fs::path& path, const DatasetOptions& options, const Tokenizer* tokenizer,
                 std::uint64_t fingerprint) {
  Survey survey = survey_data(options);
  const RowEncoder encoder(options, tokenizer, survey.labels);
  RecordParts parts;
  parts.type_ids = survey.pairs;
  parts.labels = options.task == "tagging" || options.task == "causal_lm" || options.task == "preference";
  parts.words = options.task == "tagging" || options.task == "masked_lm";
  std::int64_t all_rows = 0, done = 0;
  for (const auto& file : survey.files) all_rows += static_cast<std::int64_t>(file.rows.size());
  write_atomically(path, [&](int descriptor) {
    CacheWriter cache(descriptor, path.string(), parts);
    for (auto& file : survey.files) {
      FileEncoder(options, encoder, file, cache).run(done, all_rows);
      done += static_cast<std::int64_t>(file.rows.size());
    }
    if (cache.rows(Split::train) == 0)
      fail(ErrorKind::bad_input, "no training row has anything to learn from", options.train.string(),
           "the token limit of " + std::to_string(options.max_tokens) + " may be too small for the prompts");
    Json findings = Json::array();
    for (const auto& finding : all_findings(survey)) findings.push_back(finding_to_json(finding));
    const Json meta = {{"labels", survey.labels.names()}, {"findings", std::move(findings)}};
    cache.finish(fingerprint, meta.dump(-1, ' ', false, Json::error_handler_t::replace));
  });
  if (options.progress) options.progress("encoding", 1.0);
}
}  // namespace

bool needs_tokenizer(const std::string& task, const std::string& modality) {
  return modality == "text" || task == "seq2seq" || task == "ctc";
}

Dataset load_dataset(const DatasetOptions& options, const Tokenizer& tokenizer) {
  return load_dataset(options, &tokenizer);
}

Dataset load_dataset(const DatasetOptions& options, const Tokenizer* tokenizer) {
  if (options.train.empty()) fail(ErrorKind::bad_input, "no training file is named", "data.train", "name a data file");
  const std::uint64_t fingerprint = dataset_fingerprint(options, tokenizer);
  const fs::path folder = options.cache_folder.empty() ? luthier_home() / "cache" / "tokens" : options.cache_folder;
  const fs::path path = folder / (hex(fingerprint) + ".tokens");
  auto content = open_cache(path, fingerprint);
  if (!content) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
      fail(ErrorKind::io, "the cache folder cannot be made: " + error.message(), folder.string(),
           "choose another folder");
    write_cache(path, options, tokenizer, fingerprint);
    content = open_cache(path, fingerprint);
    if (!content) fail(ErrorKind::io, "the token cache cannot be read back", path.string(), "check the disk");
  }
  Dataset dataset;
  dataset.train = content->splits[0];
  dataset.validation = content->splits[1];
  dataset.test = content->splits[2];
  dataset.fingerprint = fingerprint;
  const Json meta = parse_json(content->meta, path.string());
  dataset.label_names = meta.at("labels").get<std::vector<std::string>>();
  for (const auto& finding : meta.at("findings"))
    dataset.findings.push_back({finding.at("id"), finding.at("severity"), finding.at("message"),
                                finding.at("lines").get<std::vector<std::int64_t>>(), finding.at("count"),
                                finding.at("hint")});
  return dataset;
}

}  // namespace luthier
