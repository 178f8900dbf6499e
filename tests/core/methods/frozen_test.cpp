// Frozen weights in bf16: autocast computes the very same with them, and the base's own come back.
#include <ATen/autocast_mode.h>

#include "fixture_run.h"
#include "models/frozen.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::string kLlama = "full/llama-lm";

/// While alive, products on the processor are computed in bf16, as a GPU's are in training.
struct InTwoBytes {
  InTwoBytes() {
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::increment_nesting();
  }
  ~InTwoBytes() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
};

MethodOptions small(bool dora) {
  LoraOptions options;
  options.rank = 2;
  options.dora = dora;
  return options;
}

}  // namespace

class FrozenTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void trainingInTwoBytesGivesTheSameBits_data() {
    QTest::addColumn<bool>("dora");
    QTest::newRow("lora") << false;
    QTest::newRow("dora") << true;
  }
  void trainingInTwoBytesGivesTheSameBits() {
    QFETCH(bool, dora);
    const auto whole = fixture_model(kLlama), narrow = fixture_model(kLlama);
    const Attached a = attach_method(*whole, small(dora), false, 1), b = attach_method(*narrow, small(dora), false, 1);
    narrow_frozen(*narrow, at::kBFloat16);
    int narrowed = 0;
    for (const auto& [name, parameter] : narrow->unique_parameters()) {
      const bool is_narrow = parameter.scalar_type() == at::kBFloat16;
      narrowed += is_narrow ? 1 : 0;
      QVERIFY2(!is_narrow || (name.find("proj.weight") != std::string::npos && !parameter.requires_grad()),
               name.c_str());
    }
    QCOMPARE(narrowed, 2 * 7);
    if (dora) return;  // its lengths are those of the weights as they are kept
    const InTwoBytes in_two_bytes;
    const auto expected = train(*whole, a, kLlama, 4, 0.01), got = train(*narrow, b, kLlama, 4, 0.01);
    QCOMPARE(got, expected);
    for (std::size_t i = 0; i < a.trainable.size(); ++i)
      QVERIFY2(torch::equal(a.trainable[i].second, b.trainable[i].second), a.trainable[i].first.c_str());
  }

  void outsideTheyAreBroughtToTheirInputsType() {
    for (const bool dora : {false, true}) {
      const auto model = fixture_model(kLlama);
      attach_method(*model, small(dora), false, 1);
      const FixtureBatch batch = fixture_batch(kLlama, "batch0");
      const torch::NoGradGuard no_grad;
      const torch::Tensor before = model->logits(batch.inputs);
      narrow_frozen(*model, at::kBFloat16);
      const double off = relative_difference(model->logits(batch.inputs), before, batch.inputs);
      QVERIFY2(off > 0 && off < 0.05, std::to_string(off).c_str());  // bf16 keeps 8 bits
      widen_frozen(*model, fixture(kLlama) / "base");
      QVERIFY(torch::equal(model->logits(batch.inputs), before));
    }
  }

  void whatTrainsStaysInFullPrecision() {
    const auto model = fixture_model(kLlama);
    attach_method(*model, FullOptions{}, false, 1);
    narrow_frozen(*model, at::kBFloat16);
    for (const auto& [name, parameter] : model->unique_parameters())
      QVERIFY2(parameter.scalar_type() == at::kFloat, name.c_str());
  }

  void convolutionalNetworksHaveNoneToNarrow() {
    const auto model = fixture_model("full/resnet-cls");
    attach_method(*model, FeatureExtractionOptions{}, false, 1);
    narrow_frozen(*model, at::kBFloat16);
    for (const auto& [name, parameter] : model->unique_parameters()) QVERIFY(parameter.scalar_type() == at::kFloat);
  }
};

QTEST_GUILESS_MAIN(FrozenTest)
#include "frozen_test.moc"
