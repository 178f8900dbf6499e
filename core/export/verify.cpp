// The other half of a proof: what is on the disk, against what the live model computed.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "export/artefact.h"
#include "export/comparison.h"
#include "export/exporter.h"
#include "export/proof.h"
#include "export/row_logits.h"
#include "export/version.h"
#include "models/tensors.h"
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

class Verification {
 public:
  Verification(const fs::path& folder, const ExportProgress& progress) : folder_(folder), progress_(progress) {
    proof_ = {{"format", nullptr},
              {"passed", false},
              {"limit", nullptr},
              {"limit_reason", nullptr},
              {"rows", 0},
              {"positions", 0},
              {"max_abs_difference", nullptr},
              {"relative_difference", nullptr},
              {"agreement", nullptr},
              {"kl", nullptr},
              {"size_bytes", artefact_bytes(folder)},
              {"load_seconds", nullptr},
              {"latency_ms", nullptr},
              {"changed_tensors", Json::array()},
              {"missing_tensors", Json::array()},
              {"added_tensors", Json::array()},
              {"problem", ""},
              {"made", utc_now()},
              {"luthier", kArtefactVersion}};
  }

  /// Every step adds what it finds wrong; later steps run all the same where they can.
  Json run() {
    guarded([&] { read_reference(); });
    if (reference_) {
      guarded([&] { compare_checksums(); });
      guarded([&] { compare_logits(); });
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
    } catch (const std::exception& error) {  // LibTorch's own errors, on numbers or shapes that nobody expected
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
    for (const auto& [name, logits] : read_tensors(place / "reference.safetensors"))
      if (name == "logits") logits_ = logits;
    proof_["format"] = reference.at("format");
    const Limit limit = limit_of(reference.at("precision"));
    proof_["limit"] = limit.relative_difference;
    proof_["limit_reason"] = limit.reason;
    reference_ = reference;
  }

  void compare_checksums() {
    tell("comparing tensors", -1);
    Json &changed = proof_["changed_tensors"], &missing = proof_["missing_tensors"], &added = proof_["added_tensors"];
    add_changes(reference_->at("tensors").get<Sums>(), tensor_checksums(folder_), "", changed, missing, added);
    const Sums base = reference_->at("base_tensors").get<Sums>();
    if (!base.empty())
      add_changes(base, tensor_checksums(base_of_adapter(folder_)), "base model: ", changed, missing, added);
    if (!changed.empty()) problems_.push_back("these tensors are not what was exported: " + names_of(changed));
    if (!missing.empty()) problems_.push_back("these tensors are missing: " + names_of(missing));
    if (!added.empty()) problems_.push_back("these tensors were not exported: " + names_of(added));
  }

  void compare_logits() {
    tell("loading", -1);
    auto start = Clock::now();
    const Artefact artefact = open_artefact(folder_);
    proof_["load_seconds"] = seconds_since(start);
    const RowReading reading{artefact.tokenizer.get(), artefact.processors, reference_->at("max_tokens"),
                             reference_->value("longest_seconds", artefact.longest_seconds)};
    Comparison comparison;
    std::int64_t compared = 0, first = 0;
    double seconds = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Json& row = rows_[i];
      tell("comparing rows", static_cast<double>(i) / static_cast<double>(rows_.size()));
      const std::int64_t count = row.at("logits");
      if (count == 0) continue;  // a text without tokens
      const Tensor expected = logits_.narrow(0, first, count);
      first += count;
      ProofRow given{row.at("text"), row.at("text_pair")};
      given.target = row.value("target", "");
      if (row.contains("media")) given.media_path = media_of(row.at("media"));
      const auto positions = row.at("positions").get<std::vector<std::int64_t>>();
      const auto ids = row.at("ids").get<std::vector<std::int64_t>>();
      if (compared == 0) row_logits(*artefact.model, reading, given, positions);  // warm-up
      start = Clock::now();
      const RowLogits found = row_logits(*artefact.model, reading, given, positions);
      seconds += seconds_since(start);
      if (found.ids != ids) fail(ErrorKind::bad_input, "the tokenizer gives other tokens for row " + std::to_string(i));
      comparison.add(expected, found.logits);
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
    if (comparison.relative_difference() > proof_["limit"].get<double>())
      problems_.push_back("the logits differ by more than the limit");
  }

  /// A file of the proof's folder, whatever rows.json says.
  std::string media_of(const std::string& name) const {
    return (folder_ / "proof" / fs::path(name).filename()).string();
  }

  fs::path folder_;
  const ExportProgress& progress_;
  Json proof_, rows_;
  std::optional<Json> reference_;
  Tensor logits_;  ///< [sum of P, L or V], the rows one after another
  std::vector<std::string> problems_;
};

}  // namespace

bool verify_export(const fs::path& path, std::string* proof_json, const ExportProgress& progress) {
  if (!fs::is_directory(path)) fail(ErrorKind::not_found, "there is no such folder", path.string());
  const Json proof = Verification(path, progress).run();
  write_json(path / "proof.json", proof);
  if (proof_json) *proof_json = proof.dump();
  return proof.at("passed");
}

}  // namespace luthier
