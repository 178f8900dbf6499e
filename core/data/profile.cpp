#include "data/profile.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <optional>
#include <thread>

#include "base/error.h"
#include "data/encode.h"
#include "data/folder.h"
#include "data/roles.h"
#include "data/survey.h"

namespace luthier {

namespace {
constexpr std::size_t kMostBars = 4096;

/// The smallest 1, 2 or 5 times a power of ten that is not below `value`.
std::int64_t round_step(double value) {
  for (std::int64_t power = 1;; power *= 10)
    for (const std::int64_t factor : {1, 2, 5})
      if (static_cast<double>(factor * power) >= value) return factor * power;
}

LengthProfile describe_lengths(std::vector<std::int32_t> lengths, std::int64_t limit) {
  LengthProfile profile;
  if (lengths.empty()) return profile;
  std::sort(lengths.begin(), lengths.end());
  const auto at = [&](double share) {
    return lengths[static_cast<std::size_t>(share * static_cast<double>(lengths.size() - 1) + 0.5)];
  };
  profile.median = at(0.5);
  profile.p95 = at(0.95);
  profile.p99 = at(0.99);
  profile.longest = lengths.back();
  profile.total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  // A bar for each length as far as that goes: who draws them puts neighbours together.
  profile.step = round_step(static_cast<double>(profile.longest + 1) / kMostBars);
  profile.counts.resize(static_cast<std::size_t>(profile.longest / profile.step) + 1);
  for (const auto length : lengths) {
    ++profile.counts[static_cast<std::size_t>(length / profile.step)];
    profile.longer_than_limit += limit > 0 && length > limit;
  }
  return profile;
}

/// Of the values of the label column and how often each is there, those of one label together; most frequent first.
std::vector<LabelCount> count_labels(const std::map<std::string, std::int64_t>& values, const LabelSet* labels) {
  std::vector<LabelCount> counts;
  for (const auto& [value, rows] : values) {
    const auto id = labels ? labels->id(value) : std::nullopt;
    auto same = counts.end();
    if (id) same = std::find_if(counts.begin(), counts.end(), [&](const auto& count) { return count.id == *id; });
    if (same == counts.end())
      same = counts.insert(same, {id ? labels->names()[static_cast<std::size_t>(*id)] : value, 0, id.value_or(-1), {}});
    same->rows += rows;
    same->values.push_back(value);
  }
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.rows > b.rows; });
  return counts;
}

/// Flags of repeated, leaked and contradictory rows among those of the training file.
void mark_repeats(const SurveyedFile& file, std::vector<RowMark>& marks) {
  const auto& rows = file.rows;
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return rows[a].content != rows[b].content ? rows[a].content < rows[b].content : a < b;
  });
  const auto mark = [&](std::uint32_t i) -> RowMark& { return marks[static_cast<std::size_t>(rows[i].source_row)]; };
  for (std::size_t begin = 0, end; begin < order.size(); begin = end) {
    const auto content = rows[order[begin]].content;
    std::optional<std::int32_t> label;
    bool conflict = false;
    for (end = begin; end < order.size() && rows[order[end]].content == content; ++end) {
      const SurveyedRow& row = rows[order[end]];
      if (row.split != Split::train) continue;
      if (label) mark(order[end]).flags |= RowMark::duplicate;
      conflict |= label && *label != row.label;
      if (!label) label = row.label;
    }
    if (!label || end - begin == 1) continue;
    for (std::size_t i = begin; i < end; ++i) {
      if (rows[order[i]].split != Split::train)
        mark(order[i]).flags |= RowMark::leaked;
      else if (conflict)
        mark(order[i]).flags |= RowMark::conflicting;
    }
  }
}

/// The second pass over the training file: what becomes of each row, its label and its tokens.
class RowMeasure {
 public:
  RowMeasure(const DatasetOptions& options, const Tokenizer* tokenizer, Survey& survey)
      : options_(uncut(options)),
        limit_(options.max_tokens),
        rows_(survey.files[0].rows),
        log_(survey.files[0].log),
        labels_(survey.labels) {
    if (tokenizer && options.modality == "text") encoder_.emplace(options_, tokenizer, labels_);
  }

  void run(const Table& table, std::int64_t all_rows) {
    const RoleReader roles(table, options_, true);
    RoleRow filled;
    table.scan([&](const Row& values) {
      RowMark& mark = marks_.emplace_back();
      const bool readable = roles.fill(values, filled);
      if (next_ == rows_.size() || rows_[next_].source_row != values.number) {
        mark.flags = readable && has_nothing_to_read(filled, options_) ? RowMark::empty : RowMark::unusable;
      } else {
        mark.split = rows_[next_++].split;
        count_values(filled);
        if (encoder_) {
          batch_.push_back(filled);
          places_.push_back(marks_.size() - 1);
        }
      }
      if (batch_.size() == kEncodedAtOnce) measure_batch();
      if (options_.progress && marks_.size() % kEncodedAtOnce == 0)
        options_.progress(
            "measuring", static_cast<double>(marks_.size()) / static_cast<double>(std::max<std::int64_t>(1, all_rows)));
      return true;
    });
    measure_batch();
  }

  std::vector<RowMark>& marks() { return marks_; }
  const std::map<std::string, std::int64_t>& label_values() const { return label_values_; }
  std::vector<std::int32_t> take_lengths() { return std::move(lengths_); }

 private:
  static DatasetOptions uncut(DatasetOptions options) {
    options.max_tokens = 0;
    return options;
  }
  void count_values(const RoleRow& row) {
    if (options_.task == "classification") ++label_values_[row.label];
    if (options_.task == "tagging")
      for (const auto& tag : row.tags) ++label_values_[tag];
    if (options_.task == "multi_label")
      for (const auto& label : split_labels(row.label, options_.separator)) ++label_values_[label];
  }

  void measure_batch() {
    if (batch_.empty()) return;
    // One core is left to the window.
    const std::size_t threads = std::max(2u, std::thread::hardware_concurrency()) - 1;
    const auto encoded = encode_rows(*encoder_, batch_, std::min<std::size_t>(threads, 4));
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      RowMark& mark = marks_[places_[i]];
      const auto all = static_cast<std::int32_t>(encoded[i].ids.size()), first = encoded[i].second;
      mark.tokens = first > 0 ? std::max(first, all - first) : all;  // of two answers the longer one
      lengths_.push_back(mark.tokens);
      const auto line = static_cast<std::int64_t>(places_[i]) + 1;
      if (limit_ > 0 && mark.tokens > limit_) {
        mark.flags |= RowMark::too_long;
        log_.add("truncated_rows", line);
      }
      if (encoded[i].no_assistant)
        log_.add("no_assistant_span", line);
      else if (teaches_nothing(encoded[i]))
        log_.add("no_loss_rows", line);
    }
    batch_.clear();
    places_.clear();
  }

  /// Where nothing that carries loss is left after cutting (in a language model nothing predicts the first token).
  bool teaches_nothing(const EncodedTokens& tokens) const {
    if (options_.task != "causal_lm" || limit_ <= 0 || tokens.labels.size() <= static_cast<std::size_t>(limit_))
      return tokens.nothing_to_learn;
    return std::all_of(tokens.labels.begin() + 1, tokens.labels.begin() + static_cast<std::ptrdiff_t>(limit_),
                       [](auto label) { return label == kNoLoss; });
  }

  const DatasetOptions options_;
  const std::int64_t limit_;
  const std::vector<SurveyedRow>& rows_;
  FindingLog& log_;
  const LabelSet& labels_;
  std::optional<RowEncoder> encoder_;
  std::size_t next_ = 0;
  std::vector<RowMark> marks_;
  std::map<std::string, std::int64_t> label_values_;
  std::vector<std::int32_t> lengths_;
  std::vector<RoleRow> batch_;
  std::vector<std::size_t> places_;
};

Finding blocking(const std::string& id, const Error& error) {
  std::string message = error.message;
  if (error.kind == ErrorKind::not_found && !error.where.empty()) message += " (" + error.where + ")";
  return {id, "error", message, {}, 0, error.hint};
}

void add_rows(const Survey& survey, DataProfile& profile) {
  for (const auto& file : survey.files)
    for (const auto& row : file.rows)
      ++(row.split == Split::train        ? profile.train_rows
         : row.split == Split::validation ? profile.validation_rows
                                          : profile.test_rows);
}

/// Everything that needs roles. False when the data cannot be trained on as it is: then a finding says why.
bool profile_roles(const DatasetOptions& options, const Tokenizer* tokenizer, const Table& table,
                   DataProfile& profile) {
  std::string stage = "roles";
  try {
    RoleReader(table, options, true);
    stage = "rows";
    Survey survey = survey_data(options);
    RowMeasure measure(options, tokenizer, survey);
    measure.run(table, static_cast<std::int64_t>(survey.files[0].rows.size()));
    mark_repeats(survey.files[0], measure.marks());
    add_rows(survey, profile);
    profile.labels = count_labels(measure.label_values(), &survey.labels);
    profile.lengths = describe_lengths(measure.take_lengths(), options.max_tokens);
    profile.findings = all_findings(survey);
    profile.rows = static_cast<std::int64_t>(measure.marks().size());
    profile.marks = std::make_shared<const std::vector<RowMark>>(std::move(measure.marks()));
    return true;
  } catch (const Error& error) {
    if (error.kind != ErrorKind::bad_input && error.kind != ErrorKind::not_found) throw;
    profile.findings = {blocking(stage, error)};
    return false;
  }
}

/// Labels of a file that cannot be trained on, for people to see why.
void count_raw_labels(const DatasetOptions& options, const Table& table, DataProfile& profile) {
  if (options.task != "classification" || profile.findings[0].id != "rows") return;
  const RoleReader roles(table, options, true);
  std::map<std::string, std::int64_t> counts;
  RoleRow filled;
  table.scan([&](const Row& row) {
    if (roles.fill(row, filled) && !filled.label.empty()) ++counts[filled.label];
    return counts.size() < 1000;
  });
  profile.labels = count_labels(counts, nullptr);
}
}  // namespace

DataProfile profile_data(const DatasetOptions& options, const Tokenizer* tokenizer) {
  const auto begun = std::chrono::steady_clock::now();
  const Table table = Table::open(options.train, options.read);
  DataProfile profile;
  profile.file = options.train;
  profile.detected = table.detected();
  profile.columns = table.columns();
  profile.file_bytes = std::filesystem::is_directory(options.train) ? folder_bytes(options.train)
                                                                    : std::filesystem::file_size(options.train);
  if (!profile_roles(options, tokenizer, table, profile)) {
    count_raw_labels(options, table, profile);
    if (options.progress) options.progress("reading", 0.0);
    profile.rows = table.count();
    for (const auto& finding : table.findings()) profile.findings.push_back(finding);
  }
  profile.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return profile;
}

}  // namespace luthier
