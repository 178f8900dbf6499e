#include "train/loader.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
Dataset tiny_dataset(const fs::path& folder, const Tokenizer& tokenizer) {
  DatasetOptions options;
  options.train = folder / "train.csv";
  options.validation = folder / "validation.csv";
  options.roles = {{"text", "text"}, {"label", "label"}};
  options.cache_folder = folder / "cache";
  return load_dataset(options, tokenizer);
}
}  // namespace

class LoaderTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

 private Q_SLOTS:
  void initTestCase() { write_tiny_task(folder_.path(), 90); }

  void everyRowComesOnceAnEpochInAnOrderOfSeedAndEpoch() {
    const Tokenizer tokenizer = Tokenizer::open(folder_.path() / "model");
    const Dataset data = tiny_dataset(folder_.path(), tokenizer);
    const LoaderOptions options{8, 2, 3, true};
    const auto first = plan_epoch(data.train, options, 0);
    QCOMPARE(static_cast<std::int64_t>(first.size()), Loader::steps_per_epoch(90, options));
    std::set<std::int64_t> seen;
    for (const auto& step : first)
      for (const std::int64_t row : step) QVERIFY(seen.insert(row).second);
    QCOMPARE(seen.size(), std::size_t{90});
    QVERIFY(plan_epoch(data.train, options, 0) == first);
    QVERIFY(plan_epoch(data.train, options, 1) != first);
    LoaderOptions other = options;
    other.seed = 4;
    QVERIFY(plan_epoch(data.train, other, 0) != first);
  }

  void bucketingLeavesLessPadding() {
    const Tokenizer tokenizer = Tokenizer::open(folder_.path() / "model");
    const Dataset data = tiny_dataset(folder_.path(), tokenizer);
    const auto cells = [&](bool bucketed) {
      std::int64_t sum = 0;
      for (const auto& step : plan_epoch(data.train, {8, 1, 3, bucketed}, 0)) {
        std::int64_t longest = 0;
        for (const std::int64_t row : step) longest = std::max<std::int64_t>(longest, data.train.length(row));
        sum += longest * static_cast<std::int64_t>(step.size());
      }
      return sum;
    };
    QVERIFY(cells(true) < cells(false));
    QVERIFY(cells(true) < data.train.tokens() * 11 / 10);
  }

  void aLoaderStartedInTheMiddleGivesTheSameSteps() {
    const Tokenizer tokenizer = Tokenizer::open(folder_.path() / "model");
    const Dataset data = tiny_dataset(folder_.path(), tokenizer);
    CollateOptions collate;
    collate.objective = MaskedLmOptions{};
    collate.mask_id = *tokenizer.mask_id();
    collate.vocabulary = tokenizer.vocabulary_size();
    collate.special.assign(5, true);
    collate.special.resize(static_cast<std::size_t>(collate.vocabulary));
    const LoaderOptions options{8, 1, 3, true};
    Loader whole(data.train, collate, options, 0, 30), late(data.train, collate, options, 17, 30);
    for (int i = 0; i < 17; ++i) whole.next();
    for (int i = 17; i < 30; ++i) {
      const StepBatches a = whole.next(), b = late.next();
      QCOMPARE(a.step, static_cast<std::int64_t>(i));
      QCOMPARE(b.step, static_cast<std::int64_t>(i));
      QVERIFY(at::equal(a.micro[0].inputs.input_ids, b.micro[0].inputs.input_ids));
      QVERIFY(at::equal(a.micro[0].labels, b.micro[0].labels));
      QVERIFY(at::equal(a.micro[0].loss_rows, b.micro[0].loss_rows));
      QVERIFY(a.weight > 0);
    }
  }

  void masksFollowTheShares() {
    const Tokenizer tokenizer = Tokenizer::open(folder_.path() / "model");
    const Dataset data = tiny_dataset(folder_.path(), tokenizer);
    CollateOptions collate_options;
    collate_options.objective = MaskedLmOptions{0.3, 0.8, 0.1, false};
    collate_options.mask_id = *tokenizer.mask_id();
    collate_options.vocabulary = tokenizer.vocabulary_size();
    collate_options.special.assign(5, true);
    collate_options.special.resize(static_cast<std::size_t>(collate_options.vocabulary));
    double maskable = 0, carried = 0, masked = 0;
    std::vector<std::int64_t> rows(90);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      const LabelledBatch batch = collate(data.train, rows, collate_options, epoch);
      maskable += static_cast<double>(batch.tokens - 2 * 90);  // [CLS] and [SEP] are never masked
      carried += static_cast<double>(batch.weight);
      const Tensor ids = batch.inputs.input_ids.flatten().index_select(0, batch.loss_rows);
      masked += static_cast<double>(ids.eq(collate_options.mask_id).sum().item<std::int64_t>());
    }
    // 20 x 90 rows of about 8 words: the shares are within 2 points (four standard deviations).
    QVERIFY2(std::abs(carried / maskable - 0.3) < 0.02, qPrintable(QString::number(carried / maskable)));
    QVERIFY2(std::abs(masked / carried - 0.8) < 0.02, qPrintable(QString::number(masked / carried)));
  }
};

QTEST_APPLESS_MAIN(LoaderTest)
#include "loader_test.moc"
