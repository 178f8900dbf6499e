#include "engine/preflight_data.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "data/encode.h"
#include "data/roles.h"
#include "engine/memory.h"

namespace luthier {

namespace {
constexpr std::int64_t kRowsEncodedAgain = 20000, kRowsCounted = 50000;

/// Tokens of a row that carry loss; a share for masked language modelling.
double loss_tokens_of(const EncodedRow& row, const ObjectiveOptions& objective) {
  if (const auto* masked = std::get_if<MaskedLmOptions>(&objective)) {
    const auto words = std::count_if(row.words.begin(), row.words.end(), [](std::int32_t word) { return word >= 0; });
    return masked->mask_share * static_cast<double>(words);
  }
  if (std::holds_alternative<Seq2SeqOptions>(objective) || std::holds_alternative<CtcOptions>(objective))
    return static_cast<double>(static_cast<std::int64_t>(row.target.size()) - row.silent_target);
  if (std::holds_alternative<ClassificationOptions>(objective) ||
      std::holds_alternative<RegressionOptions>(objective) || std::holds_alternative<MultiLabelOptions>(objective))
    return 1;
  const std::size_t first = std::holds_alternative<CausalLmOptions>(objective) ? 1 : 0;  // nothing predicts the first
  std::int64_t count = 0;
  for (std::size_t t = first; t < row.labels.size(); ++t) count += row.labels[t] >= 0;
  return static_cast<double>(count);
}
}  // namespace

RowLengths uncut_lengths(const Prepared& parts, const DataProgress& progress) {
  RowLengths profile;
  std::unordered_set<std::int64_t> cut;
  const EncodedSplit& train = parts.data.train;
  const std::int64_t stride = samples_a_position(parts);
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const EncodedRow row = train.row(i);
    if (row.truncated)
      cut.insert(row.source_row);
    else
      ++profile.rows_by_length[std::max<std::int64_t>(1, train.length(i) / stride)];
  }
  profile.longest_target = longest_target(parts);
  if (cut.empty() || !parts.tokenizer) return profile;

  DatasetOptions options = dataset_options(parts.recipe, {}, {});
  options.max_tokens = 0;
  const LabelSet labels(parts.data.label_names, parts.data.label_names, parts.data.label_names,
                        options.task == "tagging");
  const RowEncoder encoder(options, parts.tokenizer.get(), labels);
  const Table table = Table::open(options.train, options.read);
  const RoleReader roles(table, options, true);
  const auto all = static_cast<std::int64_t>(cut.size()), wanted = std::min(all, kRowsEncodedAgain);
  std::int64_t done = 0;
  table.scan([&](const Row& values) {
    RoleRow row;
    if (!cut.count(values.number) || !roles.fill(values, row)) return true;
    const auto length = static_cast<std::int64_t>(encoder.encode(row).ids.size());
    // The rows that are not read again stand in line behind these.
    profile.rows_by_length[length] += (done + 1) * all / wanted - done * all / wanted;
    if (++done % 256 == 0 && progress)
      progress("measuring cut rows", static_cast<double>(done) / static_cast<double>(wanted));
    return done < wanted;
  });
  return profile;
}

BatchPlan plan_batches(const Prepared& parts, const LoaderOptions& options) {
  const EncodedSplit& train = parts.data.train;
  BatchPlan plan;
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> sized;
  const bool packed = parts.recipe.training.batching == "packed";
  std::int64_t tokens = 0, padded = 0, steps = 0;
  for (const auto& step : plan_epoch(train, options, 0)) {
    ++steps;
    for (std::size_t begin = 0; begin < step.size(); begin += static_cast<std::size_t>(options.batch_size)) {
      const std::size_t end = std::min(step.size(), begin + static_cast<std::size_t>(options.batch_size));
      std::vector<std::int64_t> rows(step.begin() + static_cast<std::ptrdiff_t>(begin),
                                     step.begin() + static_cast<std::ptrdiff_t>(end));
      std::int64_t longest = 1, together = 0;
      for (const std::int64_t row : rows) {
        longest = std::max<std::int64_t>(longest, train.length(row));
        together += train.length(row);
      }
      tokens += together;
      const std::int64_t size = packed ? together : longest * static_cast<std::int64_t>(rows.size());
      padded += size;
      sized.emplace_back(size, std::move(rows));
    }
  }
  std::stable_sort(sized.begin(), sized.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [size, rows] : sized) {
    plan.padded_tokens.push_back(size);
    plan.batches.push_back(std::move(rows));
  }
  const auto count = static_cast<std::int64_t>(plan.batches.size());
  plan.micro_batches_a_step = std::max<std::int64_t>(1, (count + steps - 1) / std::max<std::int64_t>(1, steps));
  plan.padding_share = padded > 0 ? 1 - static_cast<double>(tokens) / static_cast<double>(padded) : 0;
  return plan;
}

std::vector<std::int64_t> longest_rows(const EncodedSplit& split, std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(split.size()));
  std::iota(rows.begin(), rows.end(), 0);
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(count, split.size()));
  std::partial_sort(rows.begin(), end, rows.end(), [&](std::int64_t a, std::int64_t b) {
    return split.length(a) != split.length(b) ? split.length(a) > split.length(b) : a < b;
  });
  rows.erase(end, rows.end());
  return rows;
}

std::int64_t count_loss_tokens(const Prepared& parts) {
  const EncodedSplit& train = parts.data.train;
  const std::int64_t rows = train.size(), counted = std::min(rows, kRowsCounted);
  double sum = 0;
  for (std::int64_t i = 0; i < counted; ++i)
    sum += loss_tokens_of(train.row(i * rows / counted), parts.recipe.objective);
  return counted > 0 ? std::llround(sum * static_cast<double>(rows) / static_cast<double>(counted)) : 0;
}

}  // namespace luthier
