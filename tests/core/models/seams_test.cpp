// What every family offers to methods and recipes inside its layers: activations made again, noise on embeddings.
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <map>

#include "models/families.h"
#include "models/prompt.h"
#include "nn/recompute.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Step {
  Tensor logits;
  std::map<std::string, Tensor> gradients, buffers;
};

/// One backward pass in training mode, dropout drawn from this seed.
Step step(Model& model, const Batch& batch, const Tensor& weights, std::uint64_t seed) {
  model.zero_grad();
  at::manual_seed(seed);
  Step step;
  const Tensor logits = model.logits(batch);
  logits.mul(weights).sum().backward();
  step.logits = logits.detach();
  for (const auto& [name, parameter] : model.unique_parameters())
    if (parameter.grad().defined()) step.gradients[name] = parameter.grad().clone();
  for (const auto& buffer : model.named_buffers()) step.buffers[buffer.key()] = buffer.value().clone();
  return step;
}

void set_dropout(Json& config) {
  for (const char* key :
       {"hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "embd_pdrop",
        "attn_pdrop", "resid_pdrop", "dropout_rate", "hidden_dropout", "activation_dropout", "drop_connect_rate"})
    config[key] = 0.2;
  config["layerdrop"] = 0.0;
}

}  // namespace

class SeamsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { at::manual_seed(11); }

  void layersMadeAgainGiveTheSameBits_data() {
    QTest::addColumn<QString>("head");
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types)
        for (const std::string& head : family.heads)
          QTest::addRow("%s %s", type.c_str(), head.c_str()) << QString::fromStdString(head);
  }
  void layersMadeAgainGiveTheSameBits() {
    QFETCH(QString, head);
    const std::string type = QString(QTest::currentDataTag()).section(' ', 0, 0).toStdString();
    const FamilyEntry& family = family_of_model_type(type);
    Json config = tiny_config(type);
    set_dropout(config);
    const auto model = [&] {
      const TemporaryFolder folder;
      write_text(folder.path() / "config.json", config.dump());
      return open_tiny(folder.path(), head.toStdString(), true);
    };
    const auto plain = model(), again = model();
    again->set_recompute(true);
    const Batch batch = tiny_batch(*plain, family);
    const Tensor weights = at::rand(plain->logits(batch).sizes());
    for (Model* one : {plain.get(), again.get()}) one->train();
    // Twice: running statistics of batch norms would go apart if a batch counted twice.
    for (const std::uint64_t seed : {3u, 4u}) {
      const Step kept = step(*plain, batch, weights, seed), made = step(*again, batch, weights, seed);
      QVERIFY(at::equal(made.logits, kept.logits));
      QCOMPARE(made.gradients.size(), kept.gradients.size());
      for (const auto& [name, gradient] : kept.gradients)
        QVERIFY2(at::equal(made.gradients.at(name), gradient), name.c_str());
      for (const auto& [name, buffer] : kept.buffers) QVERIFY2(at::equal(made.buffers.at(name), buffer), name.c_str());
    }
    if (family.modality == "text")
      QVERIFY(!at::equal(step(*plain, batch, weights, 5).logits, step(*plain, batch, weights, 6).logits));
  }

  void frozenLayersAreNotMadeAgain() {
    int times = 0;
    torch::nn::Module module;
    const nn::Part part = [&](const std::vector<Tensor>& in) {
      ++times;
      return in[0] * 2;
    };
    QVERIFY(!nn::recomputed(true, module, part, {at::ones({2})}).requires_grad());
    QCOMPARE(times, 1);
    const Tensor x = at::ones({2}).requires_grad_(true);
    const Tensor y = nn::recomputed(true, module, part, {x, Tensor()});
    QCOMPARE(times, 2);
    y.sum().backward();
    QCOMPARE(times, 3);
    QVERIFY(at::equal(x.grad(), at::full({2}, 2.0)));
    QVERIFY(!nn::is_recomputing());
    const c10::NoGradGuard no_grad;
    nn::recomputed(true, module, part, {x});
    QCOMPARE(times, 4);
  }

  void anErrorInTheSecondComputationArrives() {
    torch::nn::Module module;
    bool first = true;
    const nn::Part part = [&](const std::vector<Tensor>& in) {
      if (!first) throw std::runtime_error("broken");
      first = false;
      return in[0] * 2;
    };
    const Tensor y = nn::recomputed(true, module, part, {at::ones({2}).requires_grad_(true)});
    QVERIFY_THROWS_EXCEPTION(std::exception, y.sum().backward());
    QVERIFY(!nn::is_recomputing());
  }

  void noiseIsAsLargeAsAskedFor() {
    const Tensor zeros = at::zeros({3, 16, 64}, at::kFloat);
    const Tensor noise = with_noise(zeros, {}, 5);
    const double largest = 5 / std::sqrt(16.0 * 64.0);
    QVERIFY(noise.abs().max().item<double>() <= largest * (1 + 1e-6));
    QVERIFY(noise.abs().max().item<double>() > 0.99 * largest);
    QVERIFY(std::abs(noise.mean().item<double>()) < 0.05 * largest);
    // A row with a quarter of the tokens has twice the noise.
    Tensor mask = at::ones({3, 16}, at::kBool);
    mask[1].narrow(0, 4, 12).fill_(false);
    const Tensor short_row = with_noise(zeros, mask, 5);
    QVERIFY(short_row[0].abs().max().item<double>() <= largest * (1 + 1e-6));
    QVERIFY(short_row[1].abs().max().item<double>() > 1.9 * largest);
    QVERIFY(short_row[1].abs().max().item<double>() <= 2 * largest * (1 + 1e-6));
    QVERIFY(with_noise(zeros, mask, 0).is_same(zeros));
    // Texts of a packed row are rows of their own.
    const Tensor packed = with_noise(zeros.narrow(0, 0, 1), {}, 5, {4, 12});
    QVERIFY(packed.narrow(1, 0, 4).abs().max().item<double>() > 1.9 * largest);
    QVERIFY(packed.narrow(1, 4, 12).abs().max().item<double>() <= largest * std::sqrt(16.0 / 12.0) * (1 + 1e-6));
  }

  void everyReaderOfTokensTakesNoiseInTrainingAlone() {
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types) {
        const bool reads_tokens = family.modality == "text" || family.kind == "whisper";
        Json config = tiny_config(type);
        const TemporaryFolder folder;
        write_text(folder.path() / "config.json", config.dump());
        LoadOptions options;
        options.head = head_from(family.heads.front());
        if (classifies_rows(options.head)) options.labels = kLabels;
        options.from_config = true;
        options.dropout = 0;
        const auto model = load_model(folder.path(), options);
        const Batch batch = tiny_batch(*model, family);
        const c10::NoGradGuard no_grad;
        const auto logits = [&](std::uint64_t seed) {
          at::manual_seed(seed);
          return model->logits(batch);
        };
        const Tensor before = logits(1);
        model->set_embedding_noise(5);
        QVERIFY2(at::equal(logits(1), before), type.c_str());
        model->train();
        if (!reads_tokens) continue;
        const Tensor noisy = logits(1);
        QVERIFY2(!at::equal(noisy, before), type.c_str());
        QVERIFY2(at::equal(logits(1), noisy), type.c_str());
        QVERIFY2(!at::equal(logits(2), noisy), type.c_str());
      }
  }
};

QTEST_GUILESS_MAIN(SeamsTest)
#include "seams_test.moc"
