#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/preflight_checks.h"

namespace luthier {

namespace {

constexpr double kFewLossTokens = 0.02;
constexpr std::int64_t kFewRowsAClass = 8;
constexpr std::int64_t kRowsLookedAt = 1000;

/// What each finding is called in a list.
std::string label_of(const std::string& id) {
  static const std::map<std::string, std::string> labels = {{"duplicate_rows", "Duplicates"},
                                                            {"leakage", "Leaks"},
                                                            {"broken_rows", "Broken rows"},
                                                            {"mixed_encoding", "Encoding"},
                                                            {"class_imbalance", "Class sizes"},
                                                            {"conflicting_labels", "Conflicting labels"},
                                                            {"empty_text", "Empty rows"},
                                                            {"missing_label", "Missing labels"},
                                                            {"label_without_rows", "Unused labels"},
                                                            {"unreadable_media", "Unreadable files"},
                                                            {"missing_files", "Missing files"},
                                                            {"mixed_rates", "Sample rates"},
                                                            {"cut_recordings", "Cut recordings"},
                                                            {"cut_targets", "Cut targets"},
                                                            {"other_files", "Other files"},
                                                            {"no_loss_rows", "Nothing to learn"}};
  if (const auto found = labels.find(id); found != labels.end()) return found->second;
  std::string text = id;
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

int rank_of(const std::string& severity) { return severity == "error" ? 2 : severity == "warning" ? 1 : 0; }

std::string sentence_of(const Finding& finding) {
  std::string text = finding.message;
  for (std::size_t i = 0; i < finding.lines.size() && i < 4; ++i)
    text += (i == 0 ? finding.lines.size() == 1 ? " (line " : " (lines " : ", ") + std::to_string(finding.lines[i]);
  if (!finding.lines.empty()) text += finding.lines.size() > 4 ? " ...)" : ")";
  return text + (finding.hint.empty() ? "." : "; " + finding.hint + ".");
}

/// One check a kind of finding, whichever files it was found in. Cut rows have a check of their own.
std::vector<PreflightCheck> finding_checks(const std::vector<Finding>& findings) {
  std::vector<PreflightCheck> checks = {
      {"duplicate_rows", "data", "Duplicates", "pass", "0", "No training row repeats another."},
      {"leakage", "data", "Leaks", "pass", "0", "No row of validation or test is in the training rows."}};
  std::map<std::string, std::int64_t> counts;
  for (const Finding& finding : findings) {
    if (finding.id == "truncated_rows") continue;
    auto at = std::find_if(checks.begin(), checks.end(), [&](const auto& check) { return check.id == finding.id; });
    if (at == checks.end()) {
      checks.push_back({finding.id, "data", label_of(finding.id)});
      at = checks.end() - 1;
    }
    const bool first = counts.find(finding.id) == counts.end();
    counts[finding.id] += finding.count;
    at->value = counts[finding.id] > 0 ? grouped(counts[finding.id]) : "";
    at->message = first ? sentence_of(finding) : at->message + " " + sentence_of(finding);
    if (rank_of(finding.severity) > rank_of(at->severity)) at->severity = finding.severity;
  }
  return checks;
}

PreflightCheck loss_check(const Prepared& parts, const PreflightReport& report) {
  PreflightCheck check{"loss_tokens", "data", "Loss tokens"};
  const std::int64_t seen = report.loss_tokens + report.context_tokens;
  const double share = seen > 0 ? static_cast<double>(report.loss_tokens) / static_cast<double>(seen) : 0;
  const ObjectiveOptions& objective = parts.recipe.objective;
  const bool text = modality_of(parts.recipe.data) == "text";
  if (std::holds_alternative<ClassificationOptions>(objective) ||
      std::holds_alternative<RegressionOptions>(objective) || std::holds_alternative<MultiLabelOptions>(objective)) {
    check.value = grouped(report.loss_tokens);
    const bool numbers = std::holds_alternative<RegressionOptions>(objective);
    check.message =
        std::string(numbers ? "One number a row carries the loss; " : "One label a row carries the loss; ") +
        (text ? "every token is read for it." : "the whole file is read for it.");
    if (std::holds_alternative<MultiLabelOptions>(objective))
      check.message = "Every label of every row carries loss, given or not.";
    return check;
  }
  if (!text || std::holds_alternative<Seq2SeqOptions>(objective)) {
    check.value = grouped(report.loss_tokens);
    check.message = grouped(report.loss_tokens) + " tokens of targets carry loss.";
    return check;
  }
  check.value = percent_text(share);
  check.message = grouped(report.loss_tokens) + " of " + grouped(seen) + " tokens carry loss.";
  const auto* causal = std::get_if<CausalLmOptions>(&parts.recipe.objective);
  if (share >= kFewLossTokens) return check;
  check.severity = "warning";
  check.message += " Nearly all of the computing goes into context.";
  if (causal && causal->loss_on == "completion")
    check.fixes.push_back({"Learn from prompts too: 100% of the tokens", {"objective.loss_on=all"}});
  return check;
}

PreflightCheck classes_check(const Prepared& parts) {
  const std::vector<std::string>& names = parts.data.label_names;
  std::vector<std::int64_t> rows(names.size());
  for (std::int64_t i = 0; i < parts.data.train.size(); ++i)
    if (const auto label = static_cast<std::size_t>(parts.data.train.row(i).label); label < rows.size()) ++rows[label];
  const auto smallest = std::min_element(rows.begin(), rows.end());
  const auto largest = std::max_element(rows.begin(), rows.end());
  PreflightCheck check{"classes", "data", "Classes", "pass", grouped(static_cast<std::int64_t>(names.size()))};
  const auto told = [&](auto at) {
    return "\"" + names[static_cast<std::size_t>(at - rows.begin())] + "\" has " + grouped(*at);
  };
  check.message = "Of the training rows " + told(largest) + ", " + told(smallest) + ".";
  if (*smallest == *largest) check.message = "Each has " + grouped(*smallest) + " training rows.";
  if (*smallest < kFewRowsAClass) {
    check.severity = "warning";
    check.message = "Only " + grouped(*smallest) + " training rows show \"" +
                    names[static_cast<std::size_t>(smallest - rows.begin())] + "\": too few to learn it from.";
  }
  return check;
}

/// Whether a language model can learn where to stop.
PreflightCheck end_check(const Prepared& parts) {
  PreflightCheck check{"end_and_padding", "data", "End and padding"};
  const auto end = parts.tokenizer->eos_id(), pad = parts.tokenizer->pad_id();
  if (!end) {
    check.severity = "warning";
    check.value = "no end";
    check.message = "The tokenizer names no end token: the model cannot learn where an answer stops.";
    return check;
  }
  const EncodedSplit& train = parts.data.train;
  const std::int64_t rows = train.size(), looked = std::min(rows, kRowsLookedAt);
  std::int64_t learned = 0;
  for (std::int64_t i = 0; i < looked; ++i) {
    const EncodedRow row = train.row(i * rows / looked);
    learned += !row.labels.empty() && row.labels.back() == static_cast<std::int32_t>(*end);
  }
  const bool same = pad && *pad == *end;
  check.value = same ? "the same" : pad ? "differ" : "no padding token";
  const double share = looked > 0 ? static_cast<double>(learned) / static_cast<double>(looked) : 0;
  if (share < 0.5) {
    check.severity = "warning";
    check.message =
        "Only " + percent_text(share) + " of the rows end in the end token: the model learns to stop from few of them.";
  } else {
    check.message = std::string(same ? "Both are one token, but padding is masked by its place" : "Padding is masked") +
                    ": " + percent_text(share) + " of the rows teach the model to stop.";
  }
  return check;
}

/// Which template conversations are written with; nullptr for objectives that write none.
const std::string* chosen_template(const ObjectiveOptions& objective) {
  if (const auto* causal = std::get_if<CausalLmOptions>(&objective)) return &causal->chat_template;
  if (const auto* preference = std::get_if<PreferenceOptions>(&objective)) return &preference->chat_template;
  return nullptr;
}

/// Whether rows become text as the model has seen conversations before.
std::optional<PreflightCheck> template_check(const Prepared& parts) {
  const std::string* choice = chosen_template(parts.recipe.objective);
  const auto& roles = parts.recipe.data.roles;
  const bool chats = std::any_of(roles.begin(), roles.end(), [](const auto& role) {
    return role.first == "messages" || role.first == "instruction";
  });
  if (!choice || !chats || !parts.tokenizer) return std::nullopt;
  const bool own = !parts.tokenizer->chat_template().empty();
  PreflightCheck check{"template", "data", "Template", "pass", *choice, {}};
  if (own && *choice == "auto") {
    check.message = "Conversations are written with the model's own template.";
  } else if (own) {
    check.severity = "warning";
    check.message = "The model was taught with a template of its own: another one makes it unlearn that first.";
    check.fixes = {{"Use the model's own template", {"objective.chat_template=auto"}}};
  } else if ((*choice == "auto" || *choice == "chatml") && !parts.tokenizer->id_of("<|im_start|>")) {
    check.severity = "warning";
    check.message =
        "The model brings no template, and ChatML's marks are no tokens of it: every turn costs a dozen more.";
    check.fixes = {{"Use Alpaca's, whose marks are plain words", {"objective.chat_template=alpaca"}}};
  } else {
    check.message = "The model brings no template; serving must use the same one.";
  }
  return check;
}

}  // namespace

std::vector<PreflightCheck> data_checks(const Prepared& parts, const PreflightReport& report) {
  std::vector<PreflightCheck> checks = {loss_check(parts, report)};
  if (std::holds_alternative<ClassificationOptions>(parts.recipe.objective)) checks.push_back(classes_check(parts));
  if (std::holds_alternative<CausalLmOptions>(parts.recipe.objective)) checks.push_back(end_check(parts));
  if (const auto found = template_check(parts)) checks.push_back(*found);
  const auto found = finding_checks(parts.data.findings);
  checks.insert(checks.end(), found.begin(), found.end());
  return checks;
}

}  // namespace luthier
