#include "proof/verification.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "device/device.h"
#include "proof/comparison.h"
#include "proof/scoring.h"
#include "weights/weights.h"

namespace luthier {

namespace {

using Clock = std::chrono::steady_clock;
using Sums = std::map<std::string, std::string>;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Adds what `now` lacks, has too many, or holds other bytes of.
void add_changes(const Sums& before, const Sums& now, const std::string& prefix, Json& changed, Json& missing,
                 Json& added) {
  for (const auto& [name, sum] : before) {
    const auto found = now.find(name);
    if (found == now.end())
      missing.push_back(prefix + name);
    else if (found->second != sum)
      changed.push_back(prefix + name);
  }
  for (const auto& [name, sum] : now)
    if (!before.count(name)) added.push_back(prefix + name);
}

std::string names_of(const Json& list) {
  constexpr std::size_t kShown = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(kShown, list.size()); ++i) names += (i ? ", " : "") + list[i].get<std::string>();
  if (list.size() > kShown) names += " and " + std::to_string(list.size() - kShown) + " more";
  return names;
}

/// The reference logits of all rows one after another, and how many each position has.
struct Reference {
  std::vector<float> logits;
  std::int64_t width = 0;
};

Reference read_logits(const fs::path& file) {
  Reference reference;
  const Weights weights = Weights::open(file);
  const TensorEntry* logits = weights.find("logits");
  if (!logits) return reference;  // no row had any
  if (logits->type != DType::f32 || logits->shape.size() != 2)
    fail(ErrorKind::bad_input, "these are not the logits of a proof", file.string(), "export the model again");
  reference.width = logits->shape[1];
  reference.logits.resize(static_cast<std::size_t>(logits->elements()));
  std::memcpy(reference.logits.data(), logits->bytes.data(), logits->bytes.size());
  return reference;
}

class Verification {
 public:
  Verification(const fs::path& folder, const ArtefactFormat& format, const ProofProgress& progress)
      : folder_(folder), format_(format), progress_(progress) {
    proof_ = {{"format", nullptr},
              {"passed", false},
              {"limit", nullptr},
              {"limit_agreement", nullptr},
              {"limit_reason", nullptr},
              {"rows", 0},
              {"positions", 0},
              {"max_abs_difference", nullptr},
              {"relative_difference", nullptr},
              {"agreement", nullptr},
              {"kl", nullptr},
              {"metrics", Json::array()},
              {"answers", nullptr},
              {"size_bytes", artefact_bytes(folder)},
              {"load_seconds", nullptr},
              {"latency_ms", nullptr},
              {"peak_memory_bytes", nullptr},
              {"changed_tensors", Json::array()},
              {"missing_tensors", Json::array()},
              {"added_tensors", Json::array()},
              {"first_layer", nullptr},
              {"next_precision", nullptr},
              {"merging", nullptr},
              {"problem", ""},
              {"made", utc_now()},
              {"luthier", kVersion}};
  }

  /// Every step adds what it finds wrong; later steps run all the same where they can.
  Json run() {
    guarded([&] { read_reference(); });
    if (reference_) {
      guarded([&] { compare_checksums(); });
      guarded([&] { compare_logits(); });
      guarded([&] { compare_answers(); });
      if (runner_) proof_["peak_memory_bytes"] = process_memory().peak_resident_bytes;
      guarded([&] { compare_templates(); });
      if (!problems_.empty()) guarded([&] { find_the_place(); });
    }
    proof_["passed"] = problems_.empty();
    for (const std::string& problem : problems_)
      proof_["problem"] = proof_["problem"].get<std::string>() + (proof_["problem"] == "" ? "" : "\n") + problem;
    return proof_;
  }

 private:
  template <class Step>
  void guarded(Step step) {
    try {
      step();
    } catch (const Error& error) {
      if (error.kind == ErrorKind::cancelled) throw;
      problems_.push_back(error.text());
    } catch (const std::exception& error) {  // a library's own errors, on numbers or shapes that nobody expected
      problems_.push_back(error.what());
    }
  }

  void tell(const char* stage, double share) const {
    if (progress_) progress_(stage, share);
  }

  void read_reference() {
    const fs::path place = folder_ / "proof";
    const Json reference = read_json(place / "reference.json");
    rows_ = read_json(place / "rows.json");
    logits_ = read_logits(place / "reference.safetensors");
    proof_["format"] = reference.at("format");
    limit_ = limit_of(reference.at("precision"), reference.at("format"));
    proof_["limit"] = limit_.relative_difference;
    if (limit_.agreement > 0) proof_["limit_agreement"] = limit_.agreement;
    proof_["limit_reason"] = limit_.reason;
    proof_["merging"] = reference.value("merging", Json());
    reference_ = reference;
  }

  void compare_checksums() {
    tell("comparing tensors", -1);
    Json &changed = proof_["changed_tensors"], &missing = proof_["missing_tensors"], &added = proof_["added_tensors"];
    add_changes(reference_->at("tensors").get<Sums>(), format_.checksums(folder_), "", changed, missing, added);
    const Sums base = reference_->at("base_tensors").get<Sums>();
    if (!base.empty() && format_.base_checksums)
      add_changes(base, format_.base_checksums(folder_), "base model: ", changed, missing, added);
    if (!changed.empty()) problems_.push_back("these tensors are not what was exported: " + names_of(changed));
    if (!missing.empty()) problems_.push_back("these tensors are missing: " + names_of(missing));
    if (!added.empty()) problems_.push_back("these tensors were not exported: " + names_of(added));
  }

  HeldOutRow row_of(const Json& json) const { return held_out_row(json, folder_ / "proof"); }

  void compare_logits() {
    tell("loading", -1);
    auto start = Clock::now();
    runner_ = format_.open(folder_, *reference_);
    proof_["load_seconds"] = seconds_since(start);
    Comparison comparison;
    const Json judging = reference_->value("scores", Json::object());
    const auto scores = make_scores(judging.value("truth", ""), judging.value("blank", std::int64_t{0}));
    std::int64_t compared = 0;
    std::size_t first = 0;
    double seconds = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      tell("comparing rows", static_cast<double>(i) / static_cast<double>(rows_.size()));
      const auto count = rows_[i].at("logits").get<std::size_t>() * static_cast<std::size_t>(logits_.width);
      if (count == 0) continue;  // a text without tokens
      if (count > logits_.logits.size() - first)
        fail(ErrorKind::bad_input, "the proof's logits are fewer than its rows", folder_.string(),
             "export the model again");
      const auto expected = std::span(logits_.logits).subspan(first, count);
      first += count;
      const HeldOutRow row = row_of(rows_[i]);
      if (compared == 0) runner_->run(row);  // warm-up
      start = Clock::now();
      const RowResult found = runner_->run(row);
      seconds += seconds_since(start);
      if (found.ids != row.ids)
        fail(ErrorKind::bad_input, "the tokenizer gives other tokens for row " + std::to_string(i));
      comparison.add(expected, found.logits, logits_.width);
      if (scores) scores->add(found.logits, logits_.width, row.positions, row.truth);
      ++compared;
    }
    proof_["rows"] = compared;
    proof_["positions"] = comparison.positions();
    if (compared == 0)
      fail(ErrorKind::bad_input, "there were no rows to compare", folder_.string(), "export with held-out data");
    proof_["latency_ms"] = 1000 * seconds / static_cast<double>(compared);
    if (!comparison.finite())
      fail(ErrorKind::bad_input, "the model on the disk, or the one in memory, gives numbers that are not finite");
    proof_["max_abs_difference"] = comparison.max_abs_difference();
    proof_["relative_difference"] = comparison.relative_difference();
    proof_["agreement"] = comparison.agreement();
    proof_["kl"] = comparison.kl();
    if (scores) tell_metrics(judging.at("live"), scores->values());
    const bool far = comparison.relative_difference() > limit_.relative_difference,
               other_answers = comparison.agreement() < limit_.agreement;
    if (far) problems_.push_back("the logits differ by more than the limit");
    if (other_answers) problems_.push_back("the likeliest answer differs more often than the limit allows");
    computed_apart_ = far || other_answers;
  }

  void tell_metrics(const Json& live, const std::map<std::string, double>& now) {
    for (const auto& [name, value] : now) {
      const auto before = live.find(name);
      if (before == live.end()) continue;
      const double of_live = before->get<double>();
      proof_["metrics"].push_back({{"name", name}, {"live", of_live}, {"artefact", value}, {"delta", value - of_live}});
    }
  }

  /// What the model wrote after some rows' beginnings, token by token.
  void compare_answers() {
    if (!runner_) return;
    std::int64_t count = 0, same = 0, tokens = 0;
    double first_seconds = 0, seconds = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto given = rows_[i].find("answer");
      if (given == rows_[i].end()) continue;
      tell("writing answers", static_cast<double>(i) / static_cast<double>(rows_.size()));
      const auto expected = given->at("ids").get<std::vector<std::int64_t>>();
      AnswerTask task{given->at("prompt"), static_cast<std::int64_t>(expected.size()), reference_->at("ends"), {}};
      const auto start = Clock::now();
      bool begun = false;
      task.on_token = [&] {
        if (!std::exchange(begun, true)) first_seconds += seconds_since(start);
        return true;
      };
      const std::vector<std::int64_t> written = runner_->answer(row_of(rows_[i]), task);
      seconds += seconds_since(start);
      tokens += static_cast<std::int64_t>(written.size());
      same += written == expected;
      ++count;
    }
    if (count == 0) return;
    const auto later = static_cast<double>(std::max<std::int64_t>(1, tokens - count));
    proof_["answers"] = {{"count", count},
                         {"same", same},
                         {"tokens", tokens},
                         {"first_token_ms", 1000 * first_seconds / static_cast<double>(count)},
                         {"token_ms", 1000 * (seconds - first_seconds) / later}};
    if (static_cast<double>(same) < limit_.answers * static_cast<double>(count))
      problems_.push_back("only " + std::to_string(same) + " of " + std::to_string(count) +
                          " answers are the same, though the numbers have the same precision");
  }

  /// A conversation in another form than the model was trained on is answered worse, without any number being wrong.
  void compare_templates() {
    const auto told = reference_->find("chat_template");
    if (told == reference_->end() || !runner_) return;
    const std::string before = told->get<std::string>(), now = runner_->chat_template();
    if (before == now) return;
    if (now.empty()) return problems_.push_back("the chat template is missing");
    if (before.empty()) return problems_.push_back("there was no chat template when the model was exported");
    const auto apart = std::mismatch(before.begin(), before.end(), now.begin(), now.end()).second;
    const auto line = 1 + std::count(now.begin(), apart, '\n');
    problems_.push_back("the chat template is not what was exported, from its line " + std::to_string(line) + " on");
  }

  /// Of logits that are too far apart: the layer where it begins, and what may be chosen instead.
  void find_the_place() {
    if (!computed_apart_ || !runner_) return;
    const Json layers = reference_->value("layers", Json());
    if (layers.is_object()) {
      tell("looking for the layer that differs", -1);
      const std::string layer = runner_->first_layer_apart(row_of(rows_.at(layers.at("row").get<std::size_t>())),
                                                           layers.at("prints"), limit_.relative_difference);
      if (!layer.empty()) {
        proof_["first_layer"] = layer;
        problems_.push_back("the first layer that gives something else is " + layer);
      }
    }
    const bool same_bytes =
        proof_["changed_tensors"].empty() && proof_["missing_tensors"].empty() && proof_["added_tensors"].empty();
    const std::string next = more_exact(reference_->at("precision"), reference_->at("format"));
    if (!same_bytes || next.empty()) return;  // what was damaged does not get better with more bits
    proof_["next_precision"] = next;
    const std::string unfixed = reference_->value("calibrated", false) ? "without fixed activation ranges, or " : "";
    problems_.push_back("export it again " + unfixed + "as " + next + ", the next number type with more bits");
  }

  fs::path folder_;
  const ArtefactFormat& format_;
  const ProofProgress& progress_;
  Json proof_, rows_;
  std::optional<Json> reference_;
  Reference logits_;
  Limit limit_;
  std::unique_ptr<ArtefactRunner> runner_;
  bool computed_apart_ = false;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::int64_t> ArtefactRunner::answer(const HeldOutRow&, const AnswerTask&) {
  fail(ErrorKind::unsupported, "this artefact writes no text");
}

HeldOutRow held_out_row(const Json& json, const fs::path& folder) {
  HeldOutRow row{json.at("text"),
                 json.at("text_pair"),
                 json.value("target", ""),
                 {},
                 json.at("ids"),
                 json.at("positions"),
                 json.value("tokens", std::vector<std::int64_t>()),
                 json.value("truth", std::vector<double>())};
  if (json.contains("media")) row.media = (folder / fs::path(json.at("media").get<std::string>()).filename()).string();
  return row;
}

Json verify_artefact(const fs::path& folder, const ArtefactFormat& format, const ProofProgress& progress) {
  if (!fs::is_directory(folder)) fail(ErrorKind::not_found, "there is no such folder", folder.string());
  const Json proof = Verification(folder, format, progress).run();
  write_json(folder / "proof.json", proof);
  return proof;
}

std::string format_of_artefact(const fs::path& folder) {
  const fs::path file = folder / "proof" / "reference.json";
  if (!fs::exists(file))
    fail(ErrorKind::not_found, "nothing that Luthier exported lies there", folder.string(),
         "name the folder of an export");
  return read_json(file).value("format", std::string());
}

std::uint64_t artefact_bytes(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->path() == folder / "proof") entry.disable_recursion_pending();
    if (entry->is_regular_file() && entry->path() != folder / "proof.json") bytes += entry->file_size();
  }
  return bytes;
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace luthier
