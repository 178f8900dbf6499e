// What docs/support.md promises, over the catalogs: a small model with drawn weights for every model_type and head,
// every method on it; gradients reach exactly what trains, what is saved gives the same logits again, and a merged
// adapter computes what the adapter did.
#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "methods/method.h"
#include "models/families.h"
#include "models/quantise.h"
#include "recipe/catalog.h"
#include "recipe/outline.h"
#include "recipe/support.h"
#include "support/testing.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Parameters that this batch cannot reach: rounding noise and what is drawn in training alone.
bool out_of_reach(const std::string& name) {
  for (const char* part : {"key.bias", "k_proj.bias", "k_lin.bias",  // cancel in the softmax
                           "masked_spec_embed",                      // stands in for masked frames in training
                           "mask_token"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

Tensor logits_of(Model& model, const Batch& batch) {
  const c10::NoGradGuard no_grad;
  return model.logits(batch);
}

double difference(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes()) return INFINITY;
  return (a - b).abs().max().item<double>() / std::max(1e-3, b.abs().max().item<double>());
}

/// A method with its defaults, but small.
MethodOptions method_of(const std::string& kind) {
  MethodOptions method;
  const auto try_one = [&]<class Options>() {
    Options options;
    if constexpr (requires { options.rank; }) {
      options.rank = 2;
      options.alpha = 4;
    }
    if constexpr (requires { options.reduction; }) options.reduction = 4;
    if constexpr (requires { options.virtual_tokens; }) options.virtual_tokens = 3;
    if (kind_of(MethodOptions(options)) == kind) method = options;
  };
  [&]<class... Kinds>(std::variant<Kinds...>*) {
    (try_one.template operator()<Kinds>(), ...);
  }(static_cast<MethodOptions*>(nullptr));
  return method;
}

/// The base model stays as it is, and what was learned lies beside it.
bool is_adapter(const std::string& method) {
  return method != "full" && method != "feature_extraction" && method != "layerwise";
}
bool is_prompt(const std::string& method) { return method == "prompt_tuning" || method == "prefix_tuning"; }

/// As the recipe's defaults have it; heads, which train whole here, stay as they are.
void quantise_as_qlora(Model& model) {
  const QloraOptions options;
  quantise_layers(model, {{nn::quantised_type(options.type), options.block, options.double_quantisation}, {}});
}

}  // namespace

class ContractTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

 private Q_SLOTS:
  void init() { at::manual_seed(7); }

  void everyModelTypeHasASmallConfig() {
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types)
        QVERIFY2(!tiny_config(type).is_null(), ("write a small config for " + type + " above").c_str());
    for (const FamilyModules& modules : family_modules())
      QVERIFY2(!family_of_model_type(modules.model_type).kind.empty(), modules.model_type.c_str());
  }

  void everyClaimHolds_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("head");
    QTest::addColumn<QString>("method");
    for (const FamilyEntry& family : families())
      for (const std::string& type : family.model_types)
        for (const std::string& head : family.heads)
          for (const MethodEntry& method : methods()) {
            bool claimed = false;
            for (const ObjectiveEntry& objective : objectives())
              claimed = claimed || (head_for(objective, family) == head && why_not(family, objective, method).empty());
            if (!claimed) continue;
            QTest::addRow("%s %s %s", type.c_str(), head.c_str(), method.kind.c_str())
                << QString::fromStdString(type) << QString::fromStdString(head) << QString::fromStdString(method.kind);
          }
  }
  void everyClaimHolds() {
    QFETCH(QString, type);
    QFETCH(QString, head);
    QFETCH(QString, method);
    const std::string model_type = type.toStdString();
    const std::string name = model_type + "-" + head.toStdString() + "-" + method.toStdString();
    const fs::path base = folder_.path() / name, saved = folder_.path() / (name + "-saved");
    write_text(base / "config.json", tiny_config(model_type).dump());
    const FamilyEntry& family = family_of_model_type(model_type);
    const auto drawn = open_tiny(base, head.toStdString(), /*from_config=*/true);
    save_model(*drawn, base);
    const auto model = open_tiny(base, head.toStdString(), false);
    const Batch batch = tiny_batch(*model, family);
    Tensor before = logits_of(*model, batch);
    QVERIFY(difference(before, logits_of(*drawn, batch)) < 1e-6);

    if (method == "qlora") {  // few bits round the weights; what follows is held against those
      quantise_as_qlora(*model);
      before = logits_of(*model, batch);
    }
    const Attached attached = attach_method(*model, method_of(method.toStdString()), false, 3);
    QVERIFY(!attached.trainable.empty());
    if (method == "layerwise") check_blocks(base, head.toStdString(), attached);
    // A method changes nothing before it trains; but learned tokens are there from the start.
    if (!is_prompt(method.toStdString())) QVERIFY(difference(logits_of(*model, batch), before) < 1e-5);
    {
      const c10::NoGradGuard no_grad;  // the second matrix is zero at the start, and the first then gets no gradient
      for (const auto& [parameter_name, parameter] : attached.trainable)
        for (const char* second : {"lora_B", "adapter_up.weight"})
          if (parameter_name.find(second) != std::string::npos) Tensor(parameter).copy_(at::randn(parameter.sizes()));
      for (const auto& [parameter_name, parameter] : attached.trainable)
        if (parameter_name.ends_with(".ia3_l")) Tensor(parameter).copy_(at::rand(parameter.sizes()).add(0.5));
    }
    check_gradients(*model, attached, batch);
    check_saved(*model, method.toStdString(), head.toStdString(), base, saved, batch, before);
  }

 private:
  /// The window's blocks, told from config.json alone, are those that train.
  void check_blocks(const fs::path& base, const std::string& head, const Attached& attached) {
    const std::vector<BlockOutline> outline =
        block_outline(outline_model(base, head, static_cast<std::int64_t>(kLabels.size())));
    QCOMPARE(attached.blocks.size(), outline.size());
    std::size_t parameters = 0;
    for (std::size_t i = 0; i < outline.size(); ++i) {
      std::int64_t size = 0;
      for (const std::size_t parameter : attached.blocks[i].parameters) {
        size += attached.trainable[parameter].second.numel();
        QCOMPARE(attached.rate_scales[parameter], std::pow(0.9, static_cast<double>(i)));
      }
      parameters += attached.blocks[i].parameters.size();
      QCOMPARE(attached.blocks[i].name, outline[i].name);
      QVERIFY2(size == outline[i].parameters, outline[i].name.c_str());
    }
    QCOMPARE(parameters, attached.trainable.size());  // each in one block
  }

  void check_gradients(Model& model, const Attached& attached, const Batch& batch) {
    const Tensor logits = model.logits(batch);
    logits.mul(at::rand(logits.sizes())).sum().backward();
    std::set<std::string> trainable;
    for (const auto& [name, parameter] : attached.trainable) trainable.insert(name);
    for (const auto& [name, parameter] : model.unique_parameters()) {
      const bool listed = trainable.contains(name);
      QVERIFY2(parameter.requires_grad() == listed, name.c_str());
      if (!listed) QVERIFY2(!parameter.grad().defined(), name.c_str());
      if (!listed || out_of_reach(name)) continue;
      QVERIFY2(parameter.grad().defined() && parameter.grad().abs().sum().item<double>() > 0, name.c_str());
    }
  }

  void check_saved(Model& model, const std::string& method, const std::string& head, const fs::path& base,
                   const fs::path& saved, const Batch& batch, const Tensor& before) {
    const Tensor tuned = logits_of(model, batch);
    const bool adapted = is_adapter(method);
    if (adapted) {
      QVERIFY(!at::equal(tuned, before));
      save_adapter(model, saved / "adapter", base.string());
      const auto again = open_tiny(base, head, false);
      if (method == "qlora") quantise_as_qlora(*again);
      load_adapter(*again, saved / "adapter");
      QVERIFY(difference(logits_of(*again, batch), tuned) < 1e-5);
      set_adapters_active(model, false);
      QVERIFY(difference(logits_of(model, batch), before) < 1e-5);
      set_adapters_active(model, true);
      if (!is_mergeable(model)) {
        LUTHIER_FAILS(merge_adapters(model), "cannot be merged");
        LUTHIER_FAILS(save_model(model, saved / "model"), "adapter still attached");
        return;
      }
      QVERIFY(merge_adapters(model));
      QVERIFY(difference(logits_of(model, batch), tuned) < 1e-4);
    }
    save_model(model, saved / "model");
    const auto again = open_tiny(saved / "model", head, false);
    QVERIFY(difference(logits_of(*again, batch), tuned) < (adapted ? 1e-4 : 1e-6));
  }
};

QTEST_GUILESS_MAIN(ContractTest)
#include "contract_test.moc"
