// Blocks from parameters' names, and when they join.
#include "recipe/blocks.h"

#include "support/testing.h"

using namespace luthier;

namespace {
using Names = std::vector<std::string>;

Names names_of(const std::vector<Block>& blocks) {
  Names names;
  for (const Block& block : blocks) names.push_back(block.name);
  return names;
}

std::string block_of(const std::vector<Block>& blocks, std::size_t parameter) {
  for (const Block& block : blocks)
    for (const std::size_t one : block.parameters)
      if (one == parameter) return block.name;
  return {};
}

const Names kBert = {"head", "layer.1", "layer.0", "embeddings"};
}  // namespace

class BlocksTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void anEncoderHasItsLayersFromTheTopDown() {
    const auto blocks = layer_blocks({{"bert.embeddings.word_embeddings.weight", false},
                                      {"bert.embeddings.LayerNorm.bias", false},
                                      {"bert.encoder.layer.0.output.dense.weight", false},
                                      {"bert.encoder.layer.1.output.dense.weight", false},
                                      {"bert.pooler.dense.weight", false},
                                      {"classifier.weight", true}});
    QCOMPARE(names_of(blocks), kBert);
    const char* expected[] = {"embeddings", "embeddings", "layer.0", "layer.1", "head", "head"};
    for (std::size_t i = 0; i < 6; ++i) QCOMPARE(block_of(blocks, i), expected[i]);
  }

  void aDecodersLastNormGoesWithTheHeadAndATiedHeadHasNoMore() {
    const auto blocks = layer_blocks({{"transformer.wte.weight", false},
                                      {"transformer.wpe.weight", false},
                                      {"transformer.h.0.ln_1.weight", false},
                                      {"transformer.h.1.ln_1.weight", false},
                                      {"transformer.ln_f.weight", false}});
    QCOMPARE(names_of(blocks), kBert);
    QCOMPARE(block_of(blocks, 1), "embeddings");
    QCOMPARE(block_of(blocks, 4), "head");
  }

  void anEncoderDecoderUnfreezesItsDecoderFirst() {
    const auto blocks = layer_blocks({{"shared.weight", false},
                                      {"encoder.block.0.layer.0.SelfAttention.q.weight", false},
                                      {"encoder.block.1.layer.0.SelfAttention.q.weight", false},
                                      {"encoder.final_layer_norm.weight", false},
                                      {"decoder.block.0.layer.0.SelfAttention.q.weight", false},
                                      {"decoder.block.1.layer.0.SelfAttention.q.weight", false},
                                      {"decoder.final_layer_norm.weight", false},
                                      {"lm_head.weight", true}});
    QCOMPARE(names_of(blocks), Names({"head", "decoder.1", "decoder.0", "encoder.1", "encoder.0", "embeddings"}));
    QCOMPARE(block_of(blocks, 3), "encoder.1");  // a norm behind the encoder goes with its top layer
    QCOMPARE(block_of(blocks, 6), "head");
  }

  void speechModelsKeepTheirFeaturesBelow() {
    const auto blocks = layer_blocks({{"wav2vec2.masked_spec_embed", false},
                                      {"wav2vec2.feature_extractor.conv_layers.0.conv.weight", false},
                                      {"wav2vec2.feature_extractor.conv_layers.1.conv.weight", false},
                                      {"wav2vec2.feature_projection.projection.weight", false},
                                      {"wav2vec2.encoder.pos_conv_embed.conv.bias", false},
                                      {"wav2vec2.encoder.layer_norm.weight", false},
                                      {"wav2vec2.encoder.layers.0.attention.k_proj.weight", false},
                                      {"lm_head.weight", true}});
    QCOMPARE(names_of(blocks), Names({"head", "layer.0", "embeddings"}));
    for (std::size_t i = 0; i < 6; ++i) QCOMPARE(block_of(blocks, i), "embeddings");
  }

  void convolutionalNetworksJoinStageByStage() {
    const auto blocks = layer_blocks({{"resnet.embedder.embedder.convolution.weight", false},
                                      {"resnet.encoder.stages.0.layers.0.layer.0.convolution.weight", false},
                                      {"resnet.encoder.stages.0.layers.1.layer.0.convolution.weight", false},
                                      {"resnet.encoder.stages.1.layers.0.layer.0.convolution.weight", false},
                                      {"classifier.1.weight", true}});
    QCOMPARE(names_of(blocks), kBert);
    QCOMPARE(block_of(blocks, 2), "layer.0");
  }

  void oneMoreJoinsEverySoOften() {
    LayerwiseOptions options;  // every epoch
    QCOMPARE(block_starts(options, kBert, 40, 120), std::vector<std::int64_t>({0, 40, 80, 120}));
    options.unfreeze_every = {5, "step"};
    options.first_blocks = 1;
    QCOMPARE(block_starts(options, kBert, 40, 120), std::vector<std::int64_t>({0, 0, 5, 10}));
    options.train_embeddings = false;
    QCOMPARE(block_starts(options, kBert, 40, 120).back(), kNever);
  }

  void givenStartsAreEpochsAndTheRestTrainsFromTheStart() {
    LayerwiseOptions options;
    options.unfreeze = "given";
    options.starts = {{"layer.1", 0.5}, {"layer.0", -1}};
    QCOMPARE(block_starts(options, kBert, 40, 120), std::vector<std::int64_t>({0, 20, kNever, 0}));
    QCOMPARE(block_epochs(options, kBert, 40, 120), std::vector<double>({0, 0.5, -1, 0}));
    // Nine steps an epoch have no half: what was given is shown, the nearest step is taken.
    QCOMPARE(block_starts(options, kBert, 9, 27)[1], std::int64_t(5));
    QCOMPARE(block_epochs(options, kBert, 9, 27)[1], 0.5);
  }

  void plateausDecideForAllButTheHead() {
    LayerwiseOptions options;
    options.unfreeze = "plateau";
    QCOMPARE(block_starts(options, kBert, 40, 120),
             std::vector<std::int64_t>({0, kAtAPlateau, kAtAPlateau, kAtAPlateau}));
    options.unfreeze = "none";
    QCOMPARE(block_starts(options, kBert, 40, 120), std::vector<std::int64_t>({0, 0, 0, 0}));
  }

  void ratesFallWithTheDepth() {
    LayerwiseOptions options;
    options.rate_decay = 0.5;
    QCOMPARE(block_rate(options, 0), 1.0);
    QCOMPARE(block_rate(options, 3), 0.125);
  }
};

QTEST_APPLESS_MAIN(BlocksTest)
#include "blocks_test.moc"
