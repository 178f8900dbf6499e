#include "cli/export_words.h"

#include <signal.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {
static_assert(std::atomic<bool>::is_always_lock_free);  // set from a signal handler
std::atomic<bool> asked_to_end = false;

std::string shown(const Json& value) {
  if (!value.is_number_float()) return value.is_null() ? "-" : value.dump();
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.get<double>());
  return text;
}
}  // namespace

void listen_for_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { asked_to_end = true; };
  action.sa_flags = SA_RESETHAND;
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
}

void ExportProgressLines::operator()(const std::string& stage, double share) {
  if (asked_to_end) fail(ErrorKind::cancelled, "the export was cancelled");
  const int percent = share < 0 ? -1 : static_cast<int>(std::floor(share * 100));
  if (!lines_ || (stage == stage_ && percent == percent_)) return;
  stage_ = stage;
  percent_ = percent;
  std::cout << Json{{"progress", {{"stage", stage}, {"share", percent < 0 ? -1.0 : percent / 100.0}}}}.dump()
            << std::endl;
}

int report_proof(const std::filesystem::path& path, const Json& proof, bool json) {
  const bool passed = proof.at("passed");
  if (json) {
    std::cout << Json{{"path", path.string()}, {"proven", passed}, {"proof", proof}}.dump(
                     -1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
    return passed ? 0 : 1;
  }
  std::cout << path.string() << "\n"
            << (passed ? "proven: another process loaded it and computed the same\n" : "NOT proven\n");
  const auto field = [&](const char* key) { return shown(proof.value(key, Json())); };
  std::cout << "  largest difference of logits  " << field("max_abs_difference") << " (relative "
            << field("relative_difference") << ", limit " << field("limit") << ")\n"
            << "  same highest logit            " << field("agreement") << " of " << field("positions")
            << " positions in " << field("rows") << " rows\n"
            << "  mean KL divergence, nats      " << field("kl") << "\n";
  for (const Json& metric : proof.value("metrics", Json::array()))
    std::cout << "  " << std::left << std::setw(30) << metric.at("name").get<std::string>()
              << shown(metric.at("artefact")) << " (live model: " << shown(metric.at("live")) << ")\n";
  if (const Json answers = proof.value("answers", Json()); answers.is_object())
    std::cout << "  same whole answers            " << answers.at("same") << " of " << answers.at("count") << "\n"
              << "  milliseconds a token          " << shown(answers.at("first_token_ms")) << ", then "
              << shown(answers.at("token_ms")) << "\n";
  std::cout << "  size in bytes                 " << field("size_bytes") << "\n"
            << "  loading, seconds              " << field("load_seconds") << "\n"
            << "  milliseconds a row            " << field("latency_ms") << "\n"
            << "  peak memory in bytes          " << field("peak_memory_bytes") << "\n";
  if (const Json merging = proof.value("merging", Json()); merging.is_object())
    std::cout << "  merged into                   the " << merging.at("chosen").get<std::string>()
              << " base weights: " << merging.at("reason").get<std::string>() << "\n";
  if (!passed) std::cerr << "luthier-cli: " << proof.value("problem", std::string()) << std::endl;
  return passed ? 0 : 1;
}

}  // namespace luthier
