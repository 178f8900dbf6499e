#include "data/survey.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/files.h"
#include "base/options.h"
#include "base/random.h"
#include "data/chat_rows.h"
#include "data/encoding.h"
#include "data/media_file.h"
#include "data/roles.h"
#include "media/audio.h"

namespace luthier {

namespace {
constexpr std::size_t kMostLabels = 10000;

/// Where a value was first seen.
struct Place {
  std::size_t file;
  std::int64_t row;
};

/// The different label values (or tags), and where each split has them first.
class LabelValues {
 public:
  std::int32_t number_of(const std::string& value, const std::filesystem::path& path, const std::string& task) {
    const auto [known, fresh] = numbers_.try_emplace(value, static_cast<std::int32_t>(values.size()));
    if (!fresh) return known->second;
    if (values.size() >= kMostLabels)
      fail(ErrorKind::bad_input, "the label column has more than " + std::to_string(kMostLabels) + " different values",
           path.string(),
           task == "tagging" ? "check the role 'tags'" : "check the role 'label': it may name the text column");
    values.push_back(value);
    first.emplace_back();
    count.emplace_back();
    return known->second;
  }
  void see(std::int32_t number, Split split, Place place) {
    const auto i = static_cast<std::size_t>(number), s = static_cast<std::size_t>(split);
    if (count[i][s]++ == 0) first[i][s] = place;
  }
  std::vector<std::string> values;
  std::vector<std::array<Place, 3>> first;
  std::vector<std::array<std::int64_t, 3>> count;

 private:
  std::unordered_map<std::string, std::int32_t> numbers_;
};

class Surveyor {
 public:
  explicit Surveyor(const DatasetOptions& options) : options_(options) {}

  Survey run() {
    if (options_.train.empty())
      fail(ErrorKind::bad_input, "no training file is named", "data.train", "name a data file");
    read_file(options_.train, Split::train);
    if (!options_.validation.empty()) read_file(options_.validation, Split::validation);
    if (!options_.test.empty()) read_file(options_.test, Split::test);
    divide();
    if (labelled_) set_labels();
    look_for_repeats();
    return std::move(survey_);
  }

 private:
  void read_file(const std::filesystem::path& path, Split split) {
    const std::size_t index = survey_.files.size();
    SurveyedFile& file = survey_.files.emplace_back();
    file.path = path;
    const Table table = Table::open(path, options_.read);
    const RoleReader roles(table, options_, true);
    if (split == Split::train) {
      // Rows to evaluate are all of the folder, whatever its parts are called.
      split_by_folder_ = roles.splits_by_folder() && options_.for_training;
      has_split_column_ = roles.has("split") && (split_by_folder_ || !roles.splits_by_folder());
    }
    RoleRow row;
    table.scan([&](const Row& values) {
      if (values.number % 1024 == 0 && options_.progress) options_.progress("reading", 0.0);
      const std::int64_t line = values.number + 1;
      if (!roles.fill(values, row)) {
        file.log.add("tag_count", line);
        return true;
      }
      if (options_.task == "causal_lm" || options_.task == "preference") {
        if (is_chat(row)) {
          const ChatVerdict verdict = judge_chat(row, options_.task);
          if (!verdict.unknown_role.empty()) file.log.add("unknown_roles", line, "'" + verdict.unknown_role + "'");
          if (!verdict.finding.empty()) {
            file.log.add(verdict.finding, line, verdict.detail);
            return true;
          }
          file.log.add("conversations");
        }
        if (!row.chosen.empty() && row.chosen == row.rejected) {
          file.log.add("same_answers", line);
          return true;
        }
        if (options_.task == "preference" && row.chosen.empty() && row.rejected.empty() &&
            !desirable_of(row.desirable)) {
          file.log.add("bad_desirable", line, "'" + row.desirable.substr(0, 40) + "'");
          return true;
        }
      }
      if (has_nothing_to_read(row, options_)) {
        file.log.add("empty_text", line);
        return true;
      }
      if (options_.task == "classification" && row.label.empty()) {
        file.log.add("missing_label", line);
        return true;
      }
      if (options_.task == "regression" && !number_of_label(row.label)) {
        file.log.add("bad_number", line, "'" + row.label.substr(0, 40) + "'");
        return true;
      }
      SurveyedRow& surveyed = file.rows.emplace_back();
      surveyed.source_row = values.number;
      surveyed.split = split;
      if (split == Split::train && has_split_column_) {
        const auto named = split_by_name(row.split);
        if (!named) {
          file.log.add("unknown_split", line, "'" + row.split.substr(0, 40) + "'");
          file.rows.pop_back();
          return true;
        }
        surveyed.split = *named;
      }
      // A folder beside a validation folder brings its own training rows alone.
      const bool elsewhere = (surveyed.split == Split::validation && !options_.validation.empty()) ||
                             (surveyed.split == Split::test && !options_.test.empty());
      if (split == Split::train && split_by_folder_ && elsewhere) {
        file.rows.pop_back();
        return true;
      }
      const std::string content = row.content();
      surveyed.content = hash_bytes(content.data(), content.size());
      if (options_.modality != "text" && !look_at_media(row, surveyed, file.log, line)) {
        file.rows.pop_back();
        return true;
      }
      surveyed.weight = weight_of(row, file.log, line);
      survey_.pairs |= !row.text_pair.empty();
      note_labels(row, surveyed, {index, values.number});
      return true;
    });
    if (rates_.size() > 1) {
      for (const auto& [rate, count] : rates_) file.log.add("mixed_rates", 0, std::to_string(rate) + " Hz", count);
    }
    rates_.clear();
    file.findings = table.findings();
    // Files that cannot be read are counted here, with those of tables.
    std::erase_if(file.findings, [](const Finding& finding) { return finding.id == "unreadable_media"; });
    if (file.rows.empty()) fail(ErrorKind::bad_input, "no row of the file can be used", path.string(), reasons(file));
  }

  /// What the head of the file tells: its length, its content; false when it cannot be read.
  bool look_at_media(const RoleRow& row, SurveyedRow& surveyed, FindingLog& log, std::int64_t line) {
    const bool inside = row.media_path.empty();
    MediaFacts facts =
        inside ? probe_bytes(row.media_bytes, options_.modality) : probe_file(row.media_path, options_.modality);
    if (facts.problem.empty() && options_.modality == "audio" && facts.frames <= 0) count_frames(row, facts);
    if (!facts.problem.empty()) {
      log.add("unreadable_media", line, repair_utf8(row.media_name.substr(0, 80)) + " (" + facts.problem + ")");
      return false;
    }
    // The name of the file must not tell equal files apart.
    const std::string content = row.target + '\x1f';
    const std::uint64_t hash =
        inside ? hash_bytes(row.media_bytes.data(), row.media_bytes.size()) : content_hash(row.media_path);
    surveyed.content = hash_bytes(content.data(), content.size(), hash);
    if (options_.modality != "audio") return true;
    ++rates_[facts.rate];
    double seconds = facts.seconds();
    if (options_.longest_seconds > 0 && seconds > options_.longest_seconds) {
      log.add("cut_recordings", line);
      seconds = options_.longest_seconds;
    }
    surveyed.length =
        static_cast<std::int32_t>(std::clamp(seconds * static_cast<double>(options_.sample_rate), 1.0, 2e9));
    return true;
  }

  /// For files whose head does not say how long they are.
  void count_frames(const RoleRow& row, MediaFacts& facts) const {
    const double longest = options_.longest_seconds > 0 ? options_.longest_seconds : 3600;
    try {
      const Waveform sound =
          row.media_path.empty()
              ? decode_audio(std::as_bytes(std::span<const char>(row.media_bytes)), row.media_name, longest)
              : decode_audio(fs::path(row.media_path), longest);
      facts.frames = static_cast<std::int64_t>(sound.samples.size());
    } catch (const Error& error) {
      facts.problem = error.message;
    }
  }

  /// What was wrong with the rows, when none is left.
  static std::string reasons(const SurveyedFile& file) {
    std::string text;
    for (const auto& finding : file.findings)
      if (finding.severity != "note") text += (text.empty() ? "" : "; ") + finding.message;
    for (const auto& finding : file.log.list()) text += (text.empty() ? "" : "; ") + finding.message;
    return text.empty() ? "check the roles and how the file is read" : text;
  }

  static float weight_of(const RoleRow& row, FindingLog& log, std::int64_t line) {
    if (row.weight.empty()) return 1;
    float weight = 1;
    const auto [end, error] = std::from_chars(row.weight.data(), row.weight.data() + row.weight.size(), weight);
    if (error == std::errc() && end == row.weight.data() + row.weight.size() && weight > 0 && weight < 1e6f)
      return weight;
    log.add("bad_weight", line);
    return 1;
  }

  void note_labels(const RoleRow& row, SurveyedRow& surveyed, Place place) {
    const auto& path = survey_.files[place.file].path;
    if (options_.task == "classification") {
      labelled_ = true;
      surveyed.label = values_.number_of(row.label, path, options_.task);
    } else if (options_.task == "tagging" || options_.task == "multi_label") {
      labelled_ = true;
      const bool tagging = options_.task == "tagging";
      // Splits by share are drawn later: until then the row's tags count for the split of its file.
      for (const auto& tag : tagging ? row.tags : split_labels(row.label, options_.separator))
        values_.see(values_.number_of(tag, path, options_.task), surveyed.split, place);
    }
  }

  /// Rows of the training file that go to validation and test by share.
  void divide() {
    auto& rows = survey_.files[0].rows;
    SplitShares shares{options_.validation.empty() ? options_.validation_share : 0.0,
                       options_.test.empty() ? options_.test_share : 0.0};
    if (split_by_folder_) {  // shares stand in for the splits that the folder has not
      const auto has = [&](Split split) {
        return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.split == split; });
      };
      if (has(Split::validation)) shares.validation = 0;
      if (has(Split::test)) shares.test = 0;
    }
    if ((!has_split_column_ || split_by_folder_) && (shares.validation != 0 || shares.test != 0)) {
      std::vector<SplitRow> split_rows;
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].split != Split::train) continue;
        split_rows.push_back({rows[i].content, options_.stratify ? rows[i].label : 0});
        places.push_back(i);
      }
      const auto splits = split_by_share(split_rows, shares, options_.seed);
      for (std::size_t i = 0; i < places.size(); ++i) rows[places[i]].split = splits[i];
    }
    if (std::none_of(rows.begin(), rows.end(), [](const auto& row) { return row.split == Split::train; }))
      fail(ErrorKind::bad_input, "no row of the file is for training", options_.train.string(),
           "check the column with the role 'split'");
    if (options_.task != "classification") return;
    for (std::size_t f = 0; f < survey_.files.size(); ++f)
      for (const auto& row : survey_.files[f].rows) values_.see(row.label, row.split, {f, row.source_row});
  }

  void set_labels() {
    std::vector<std::string> training;
    for (std::size_t i = 0; i < values_.values.size(); ++i)
      if (values_.count[i][0] > 0) training.push_back(values_.values[i]);
    survey_.labels = LabelSet(options_.labels, training, values_.values, options_.task == "tagging");

    std::vector<std::int64_t> training_rows(survey_.labels.names().size());
    for (std::size_t i = 0; i < values_.values.size(); ++i) {
      const auto id = survey_.labels.id(values_.values[i]);
      for (std::size_t split = 0; split < 3; ++split) {
        if (values_.count[i][split] == 0) continue;
        if (!id) fail_unknown(values_.values[i], values_.first[i][split]);
        if (split == 0) training_rows[static_cast<std::size_t>(*id)] += values_.count[i][0];
      }
    }
    for (std::size_t i = 0; i < values_.values.size(); ++i) {
      const auto id = static_cast<std::size_t>(*survey_.labels.id(values_.values[i]));
      for (const std::size_t split : {1u, 2u})
        if (values_.count[i][split] > 0 && training_rows[id] == 0)
          fail(ErrorKind::bad_input,
               "the label '" + values_.values[i] + "' is in " + (split == 1 ? "validation" : "test") +
                   " but not in training",
               place_text(values_.first[i][split]), "add training rows with this label or remove these rows");
    }
    if (survey_.labels.ambiguous()) survey_.log.add("ambiguous_labels");
    if (options_.for_training) check_classes(training_rows);
    if (options_.task != "classification") return;
    for (auto& file : survey_.files)
      for (auto& row : file.rows) row.label = *survey_.labels.id(values_.values[static_cast<std::size_t>(row.label)]);
  }

  /// Is there something to learn, and how even are the classes?
  void check_classes(const std::vector<std::int64_t>& training_rows) {
    const auto largest = std::max_element(training_rows.begin(), training_rows.end());
    const auto name = [&](auto rows) {
      return "'" + survey_.labels.names()[static_cast<std::size_t>(rows - training_rows.begin())] + "'";
    };
    if (std::count_if(training_rows.begin(), training_rows.end(), [](auto rows) { return rows > 0; }) < 2)
      fail(ErrorKind::bad_input, "all training rows have the same label " + name(largest), options_.train.string(),
           "training needs at least two classes: check the role '" +
               std::string(options_.task == "tagging" ? "tags" : "label") + "'");
    for (std::size_t id = 0; id < training_rows.size(); ++id)
      if (training_rows[id] == 0) survey_.log.add("label_without_rows", 0, "'" + survey_.labels.names()[id] + "'");
    if (options_.task != "classification") return;
    auto smallest = largest;
    for (auto rows = training_rows.begin(); rows != training_rows.end(); ++rows)
      if (*rows > 0 && *rows < *smallest) smallest = rows;
    if (*largest >= 4 * *smallest) {
      const auto described = [&](auto rows) { return name(rows) + " with " + std::to_string(*rows) + " rows"; };
      survey_.log.add("class_imbalance", 0, described(largest) + " against " + described(smallest));
    }
  }

  std::string place_text(Place place) const {
    return survey_.files[place.file].path.string() + ", row " + std::to_string(place.row + 1);
  }

  [[noreturn]] void fail_unknown(const std::string& value, Place place) const {
    if (options_.labels.empty())
      fail(ErrorKind::bad_input, "the label '" + value + "' is not among the labels of the training rows",
           place_text(place), "add training rows with this label or remove this row");
    const std::string near = closest(value, options_.labels);
    std::string listed;
    for (std::size_t i = 0; i < std::min<std::size_t>(options_.labels.size(), 20); ++i)
      listed += (i ? ", " : "") + options_.labels[i];
    fail(ErrorKind::bad_input, "the label '" + value + "' is not among the given labels", place_text(place),
         (near.empty() ? "" : "did you mean '" + near + "'? ") + "labels: " + listed);
  }

  void look_for_repeats() {
    std::unordered_map<std::uint64_t, std::int32_t> seen;  // content -> label of its first row
    std::unordered_set<std::uint64_t> conflicting;
    for (auto& file : survey_.files)
      for (const auto& row : file.rows) {
        if (row.split != Split::train) continue;
        const auto [first, fresh] = seen.try_emplace(row.content, row.label);
        if (fresh) continue;
        survey_.log.add("duplicate_rows", row.source_row + 1);
        if (first->second != row.label && conflicting.insert(row.content).second)
          survey_.log.add("conflicting_labels", row.source_row + 1);
      }
    for (auto& file : survey_.files)
      for (const auto& row : file.rows)
        if (row.split != Split::train && seen.contains(row.content)) file.log.add("leakage", row.source_row + 1);
  }

  const DatasetOptions& options_;
  Survey survey_;
  LabelValues values_;
  std::map<std::int64_t, std::int64_t> rates_;  ///< of the recordings of a file
  bool has_split_column_ = false, split_by_folder_ = false, labelled_ = false;
};
}  // namespace

Survey survey_data(const DatasetOptions& options) { return Surveyor(options).run(); }

std::vector<Finding> all_findings(const Survey& survey) {
  std::vector<Finding> findings = survey.log.list();
  for (const auto& file : survey.files) {
    auto list = file.findings;
    for (auto& finding : file.log.list()) list.push_back(std::move(finding));
    for (auto& finding : list) {
      if (survey.files.size() > 1)
        finding.message = repair_utf8(file.path.filename().string()) + ": " + finding.message;
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace luthier
