#include "pages/method/targets_card.h"

#include <QHBoxLayout>
#include <QPainter>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "pages/method/target_grid.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// A small square in the colour that cells have.
class Swatch : public QWidget {
 public:
  explicit Swatch(bool on) : on_(on) { setFixedSize(10, 10); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(on_ ? tokens().accent : tokens().fillStrong);
    painter.drawRoundedRect(rect(), 2, 2);
  }

 private:
  bool on_;
};
}  // namespace

TargetsCard::TargetsCard(QWidget* parent) : Card(tr("Layers"), parent) {
  count_ = new ElidedLabel;
  count_->setProperty("tone", "tertiary");
  const auto size = [this] { count_->setFont(luthier::font(TextStyle::small)); };
  size();
  connect(&theme(), &Theme::changed, this, size);
  header()->insertWidget(1, count_);
  attentionOnly_ = makeSmallButton(tr("Attention only"), "attentionOnlyButton", "quiet");
  header()->addWidget(attentionOnly_);
  grid_ = new TargetGrid;
  nothing_ = makeText({}, TextStyle::body, "tertiary");
  block_ = makeLabel({}, TextStyle::small, "tertiary");
  block_->setObjectName("targetBlock");
  legend_ = new QWidget;
  auto* legend = makeRow(6, legend_);
  for (const auto& [on, text] : {std::pair{true, tr("adapted")}, {false, tr("frozen")}}) {
    legend->addWidget(new Swatch(on));
    legend->addWidget(makeLabel(text, TextStyle::small, "secondary"));
    legend->addSpacing(8);
  }
  legend->addStretch(1);
  legend->addWidget(block_);
  body()->addWidget(nothing_);
  body()->addWidget(grid_);
  body()->addWidget(legend_);
  connect(grid_, &TargetGrid::edited, this, [this] { tell(grid_->chosen()); });
  connect(grid_, &TargetGrid::blockShown, this, &TargetsCard::tellBlock);
  connect(attentionOnly_, &QPushButton::clicked, this, [this] {
    std::set<std::string> modules;
    for (const TargetRow& row : grid_->layers().rows)
      if (row.in_attention) modules.insert(row.modules.begin(), row.modules.end());
    modules.erase("");
    tell(modules);
  });
}

void TargetsCard::show(const ModelOutline* model, const LoraOptions& lora) {
  grid_->setVisible(model);
  legend_->setVisible(model);
  nothing_->setVisible(!model);
  setEnabledBecause(attentionOnly_, model, tr("Not available: choose a model first."));
  if (!model) {
    nothing_->setText(tr("The layers are shown here when a model is chosen."));
    count_->setFullText({});
    return;
  }
  model_ = *model;
  lora_ = lora;
  std::vector<std::string> chosen;
  QString problem;
  try {
    chosen = lora_layers(model_, lora_);
  } catch (const Error& error) {
    problem = QString::fromStdString(error.message);
  }
  const TargetLayout layout = target_layout(model_);
  if (layout.layers() != grid_->layers().layers() || layout.blocks != grid_->layers().blocks ||
      (!layout.rows.empty() && layout.rows[0].modules != grid_->layers().rows[0].modules))
    grid_->setLayers(layout);
  grid_->setChosen({chosen.begin(), chosen.end()});
  tellBlock(grid_->shownBlock());
  const auto inGrid = std::count_if(chosen.begin(), chosen.end(), [&](const std::string& module) {
    return std::any_of(layout.rows.begin(), layout.rows.end(), [&](const TargetRow& row) {
      return std::find(row.modules.begin(), row.modules.end(), module) != row.modules.end();
    });
  });
  count_->setFullText(tr("%1 of %2 linear layers").arg(qsizetype(inGrid)).arg(qlonglong(layout.layers())));
  nothing_->setVisible(!problem.isEmpty());
  nothing_->setText(problem);
}

void TargetsCard::tell(const std::set<std::string>& modules) {
  const TargetChoice choice = shortest_targets(model_, modules);
  Q_EMIT edited(choice.is_list ? Json(choice.targets) : Json(choice.targets.front()));
}

void TargetsCard::tellBlock(int block) {
  if (block < 0) return block_->clear();
  LoraOptions one = lora_;
  one.targets.clear();
  one.targets_is_list = true;
  for (std::size_t row = 0; row < grid_->layers().rows.size(); ++row)
    if (!grid_->layers().rows[row].outside && grid_->isChosen(int(row), block))
      one.targets.push_back(grid_->layers().rows[row].modules[std::size_t(block)]);
  const std::int64_t parameters = one.targets.empty() ? 0 : lora_parameters(model_, one);
  block_->setText(
      tr("Block %1: %2 layers, %3 parameters").arg(block).arg(one.targets.size()).arg(countText(parameters)));
}

}  // namespace luthier
