#include "train/checkpoint.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>

#include <set>

#include "base/error.h"
#include "support/small_disk.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
struct Trained {
  NamedTensors trainable;
  nn::AdamW optimizer;
};

Trained make_trained(std::int64_t steps) {
  NamedTensors trainable = {{"a.weight", at::randn({8, 4})}, {"b.bias", at::randn({8})}};
  std::vector<Tensor> parameters;
  for (auto& [name, tensor] : trainable) parameters.push_back(tensor.requires_grad_(true));
  nn::AdamW optimizer(parameters, {false, true}, {});
  for (std::int64_t i = 0; i < steps; ++i) {
    for (Tensor& parameter : parameters) parameter.mutable_grad() = at::randn(parameter.sizes());
    optimizer.step(1e-2);
  }
  return {trainable, std::move(optimizer)};
}

TrainState state_at(std::int64_t step, std::int64_t best_step) {
  TrainState state;
  state.step = step;
  state.loss_sum = 0.1 + 0.2;  // no short decimal: must come back to the last bit
  state.best_step = best_step;
  state.best_loss = 1.0 / 3;
  return state;
}

const Environment kHere{"2.0", "cpu", "fp32", 2};
}  // namespace

class CheckpointTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void comesBackBitForBit() {
    const TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path());
    Trained saved = make_trained(3), loaded = make_trained(1);
    checkpoints.save(state_at(3, 2), kHere, saved.trainable, saved.optimizer);
    Environment environment;
    const auto state = checkpoints.load_latest(loaded.trainable, loaded.optimizer, &environment);
    QVERIFY(state.has_value());
    QCOMPARE(state->step, std::int64_t{3});
    QCOMPARE(state->best_step, std::int64_t{2});
    QVERIFY(state->loss_sum == 0.1 + 0.2);
    QVERIFY(state->best_loss == 1.0 / 3);
    QVERIFY(environment == kHere);
    for (std::size_t i = 0; i < saved.trainable.size(); ++i)
      QVERIFY(at::equal(saved.trainable[i].second, loaded.trainable[i].second));
    const auto a = saved.optimizer.state(), b = loaded.optimizer.state();
    QCOMPARE(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) QVERIFY(at::equal(a[i].second, b[i].second));
  }

  void runningStatisticsAreKeptBesideWhatTrains() {
    // Batch norms in a model: after a resume the next step must see the very same statistics.
    LoadOptions options;
    options.head = Head::image_classification;
    const auto saved = load_model(fixture("full/resnet-cls/base"), options),
               loaded = load_model(fixture("full/resnet-cls/base"), options);
    Batch batch;
    batch.pixel_values = at::randn({4, 3, 32, 32});
    saved->train();
    saved->logits(batch);
    const TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path());
    nn::AdamW optimizer({}, {}, {}), other({}, {}, {});
    const NamedTensors kept = kept_tensors(*saved, saved->unique_parameters());
    checkpoints.save(state_at(1, 1), kHere, kept, optimizer);
    checkpoints.save_best(1, kept);
    QVERIFY(checkpoints.load_latest(kept_tensors(*loaded, loaded->unique_parameters()), other, nullptr).has_value());
    saved->eval();
    QVERIFY(at::equal(saved->logits(batch), loaded->logits(batch)));
    const auto best = load_model(fixture("full/resnet-cls/base"), options);
    QVERIFY(!at::equal(best->logits(batch), saved->logits(batch)));
    QVERIFY(checkpoints.load_best(1, kept_tensors(*best, best->unique_parameters())));
    QVERIFY(at::equal(best->logits(batch), saved->logits(batch)));
    for (const auto& buffer : saved->named_buffers())
      QVERIFY2(at::equal(buffer.value(), *loaded->named_buffers().find(buffer.key())), buffer.key().c_str());
  }

  void keepsTheOneBeforeAndItsBestWeights() {
    const TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path());
    Trained trained = make_trained(1);
    for (const std::int64_t best : {5, 10, 15}) checkpoints.save_best(best, trained.trainable);
    checkpoints.save(state_at(6, 5), kHere, trained.trainable, trained.optimizer);
    checkpoints.save(state_at(12, 10), kHere, trained.trainable, trained.optimizer);
    checkpoints.save(state_at(18, 15), kHere, trained.trainable, trained.optimizer);
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path() / "checkpoints"))
      names.insert(entry.path().filename().string());
    const std::set<std::string> wanted = {"step-0000000012", "step-0000000018", "best-0000000010.safetensors",
                                          "best-0000000015.safetensors"};
    QVERIFY(names == wanted);
  }

  void aDamagedOneIsSkippedForTheOneBefore() {
    const TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path());
    Trained trained = make_trained(1);
    checkpoints.save(state_at(6, -1), kHere, trained.trainable, trained.optimizer);
    checkpoints.save(state_at(12, -1), kHere, trained.trainable, trained.optimizer);
    const fs::path newest = folder.path() / "checkpoints/step-0000000012";
    fs::resize_file(newest / "optimizer.safetensors", 40);
    QCOMPARE(checkpoints.load_latest(trained.trainable, trained.optimizer, nullptr)->step, std::int64_t{6});
    fs::remove(newest / "state.json");  // not complete: not a checkpoint
    QCOMPARE(checkpoints.load_latest(trained.trainable, trained.optimizer, nullptr)->step, std::int64_t{6});
    write_text(folder.path() / "checkpoints/step-0000000006/state.json", "{\"step\": 6");
    LUTHIER_FAILS(checkpoints.load_latest(trained.trainable, trained.optimizer, nullptr),
                  "no checkpoint of this run can be read");
  }

  void otherShapesAreRefusedByName() {
    const TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path());
    Trained trained = make_trained(1);
    checkpoints.save(state_at(6, -1), kHere, trained.trainable, trained.optimizer);
    const NamedTensors other = {{"a.weight", at::randn({8, 5})}, {"b.bias", at::randn({8})}};
    LUTHIER_FAILS(read_tensors(folder.path() / "checkpoints/step-0000000006/trainable.safetensors", other), "a.weight");
  }

  void noCheckpointIsNoError() {
    const TemporaryFolder folder;
    Trained trained = make_trained(1);
    QVERIFY(!Checkpoints(folder.path()).load_latest(trained.trainable, trained.optimizer, nullptr).has_value());
  }

  void aFullDiskLeavesTheOldOnesAsTheyAre() {
    const TemporaryFolder folder;
    const fs::path disk = folder.path() / "disk";
    const SmallDisk full(disk, 96 << 10);
    if (!full.mounted()) QSKIP("needs the right to mount a small tmpfs");
    const Checkpoints checkpoints(disk);
    Trained small = make_trained(1);
    checkpoints.save(state_at(6, -1), kHere, small.trainable, small.optimizer);
    NamedTensors large = {{"large", at::full({64, 1024}, 1.0)}};
    ErrorKind kind = ErrorKind::internal;
    try {
      checkpoints.save(state_at(12, -1), kHere, large, small.optimizer);
    } catch (const Error& error) {
      kind = error.kind;
    }
    const auto state = checkpoints.load_latest(small.trainable, small.optimizer, nullptr);
    QCOMPARE(kind, ErrorKind::disk_full);
    QVERIFY(state && state->step == 6);
    QVERIFY(!fs::exists(disk / "checkpoints/.writing-step-0000000012"));
  }
};

QTEST_APPLESS_MAIN(CheckpointTest)
#include "checkpoint_test.moc"
