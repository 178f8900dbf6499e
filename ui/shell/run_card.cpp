#include "shell/run_card.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QPainter>
#include <QScrollArea>

#include "forms/catalog_text.h"
#include "recipe/catalog.h"
#include "widgets/format.h"

namespace luthier {

namespace {
QString fileName(const std::string& path) {
  return QString::fromStdString(std::filesystem::path(path).filename().string());
}

/// "LoRA, rank 8".
QString methodText(const Recipe& recipe) {
  QString text = catalogText(method_entry(kind_of(recipe.method)).label);
  if (const auto* lora = lora_of(recipe.method)) text += QObject::tr(", rank %1").arg(lora->rank);
  if (const auto* qlora = std::get_if<QloraOptions>(&recipe.method)) text += ", " + choiceText(qlora->type);
  if (const auto* adapter = std::get_if<AdapterOptions>(&recipe.method))
    text += QObject::tr(", reduction %1").arg(adapter->reduction);
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&recipe.method))
    text += QObject::tr(", %1 tokens").arg(prompt->virtual_tokens);
  if (const auto* prefix = std::get_if<PrefixTuningOptions>(&recipe.method))
    text += QObject::tr(", %1 tokens").arg(prefix->virtual_tokens);
  return text;
}

/// A word vertical, for the collapsed card.
class UprightLabel : public QWidget {
 public:
  explicit UprightLabel(QString text) : text_(std::move(text)) { setFixedSize(20, scaled(70)); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(luthier::font(TextStyle::small));
    painter.setPen(tokens().textSecondary);
    painter.translate(width(), 0);
    painter.rotate(90);
    painter.drawText(QRect(0, 0, height(), width()), Qt::AlignCenter, text_);
  }

 private:
  QString text_;
};
}  // namespace

RunCard::RunCard(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  setObjectName("runCard");
  setAccessibleName(tr("Run card"));
  auto* all = makeRow(0, this);

  closed_ = new QWidget;
  auto* narrow = makeColumn(10, closed_);
  narrow->setContentsMargins(0, 14, 0, 0);
  auto* unfold = makeIconButton("panel", tr("Show the run card"), "runCardOpen");
  connect(unfold, &QPushButton::clicked, this, [this] { setCollapsed(false); });
  closedMark_ = new StateMark(StateKind::done);
  narrow->addWidget(unfold, 0, Qt::AlignHCenter);
  narrow->addWidget(new UprightLabel(tr("Run card")), 0, Qt::AlignHCenter);
  narrow->addWidget(closedMark_, 0, Qt::AlignHCenter);
  narrow->addStretch(1);
  closed_->hide();
  all->addWidget(closed_);

  open_ = new QWidget;
  auto* column = makeColumn(0, open_);
  auto* head = new QWidget;
  head->setFixedHeight(scaled(52));
  auto* headRow = makeRow(8, head);
  headRow->setContentsMargins(16, 0, 10, 0);
  QLabel* title = makeLabel(tr("Run card"), TextStyle::label);
  QFont bold = title->font();
  bold.setWeight(QFont::DemiBold);
  title->setFont(bold);
  chip_ = makeChip({});
  auto* fold = makeIconButton("panel", tr("Hide the run card"), "runCardToggle");
  connect(fold, &QPushButton::clicked, this, [this] { setCollapsed(true); });
  headRow->addWidget(title);
  headRow->addWidget(chip_);
  headRow->addStretch(1);
  headRow->addWidget(fold);
  column->addWidget(head);
  column->addWidget(makeLine());

  auto* inside = new QWidget;
  inside->setProperty("surface", "none");
  auto* body = makeColumn(0, inside);
  facts_ = makeColumn(7);
  facts_->setContentsMargins(16, 12, 16, 12);
  for (const QString& name : {tr("Task"), tr("Data"), tr("Model"), tr("Method"), tr("Trainable"), tr("Batch")})
    fact(name);
  body->addLayout(facts_);
  body->addWidget(makeLine());

  auto* memory = makeColumn(8);
  memory->setContentsMargins(16, 12, 16, 12);
  auto* memoryHead = makeRow(4);
  QLabel* memoryTitle = makeLabel(tr("Memory"), TextStyle::label);
  memoryTitle->setFont(bold);
  memoryTotal_ = makeLabel("–", TextStyle::body, "secondary");
  memoryTotal_->setTextFormat(Qt::RichText);
  memoryHead->addWidget(memoryTitle);
  memoryHead->addStretch(1);
  memoryHead->addWidget(memoryTotal_);
  memory_ = new MemoryBar;
  memory_->setObjectName("runCardMemory");
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(3);
  const QStringList parts = {tr("Weights"), tr("Gradients"), tr("Optimiser"), tr("Activations")};
  for (int i = 0; i < 4; ++i) {
    auto* cell = makeRow(4);
    auto* block = new QLabel;
    block->setFixedSize(8, 8);
    const auto paint = [block, i] {
      block->setStyleSheet(
          QString("background: %1; border-radius: 2px;").arg(memorySegments(0, 0, 0, 0)[i].colour.name()));
    };
    paint();
    connect(&theme(), &Theme::changed, block, paint);
    QLabel* value = makeLabel("–", TextStyle::monoCaption);
    memoryParts_ << value;
    cell->addWidget(block);
    auto* part = new ElidedLabel(parts[i]);
    part->setProperty("tone", "secondary");
    const auto write = [part] { part->setFont(luthier::font(TextStyle::caption)); };
    write();
    connect(&theme(), &Theme::changed, part, write);
    cell->addWidget(part, 1);
    cell->addWidget(value);
    grid->addLayout(cell, i / 2, i % 2);
  }
  memoryNote_ = makeText({}, TextStyle::caption, "tertiary");
  memory->addLayout(memoryHead);
  memory->addWidget(memory_);
  memory->addLayout(grid);
  memory->addWidget(memoryNote_);
  body->addLayout(memory);
  body->addWidget(makeLine());

  facts_ = makeColumn(7);
  facts_->setContentsMargins(16, 12, 16, 12);
  for (const QString& name : {tr("Time"), tr("Disk")}) fact(name);
  body->addLayout(facts_);
  body->addWidget(makeLine());

  auto* findingBox = makeColumn(0);
  findingBox->setContentsMargins(16, 10, 16, 10);
  auto* findingHead = makeRow(4);
  QLabel* findingTitle = makeLabel(tr("Findings"), TextStyle::label);
  findingTitle->setFont(bold);
  findingCount_ = makeLabel("0", TextStyle::small, "secondary");
  findingHead->addWidget(findingTitle);
  findingHead->addStretch(1);
  findingHead->addWidget(findingCount_);
  findingBox->addLayout(findingHead);
  findingBox->addSpacing(8);
  change_ = makeText({}, TextStyle::small, "accent");
  change_->setObjectName("runCardChange");
  change_->hide();
  findingBox->addWidget(change_);
  changeTime_.setSingleShot(true);
  connect(&changeTime_, &QTimer::timeout, change_, &QWidget::hide);
  auto* findingRows = new QWidget;
  findingRows->setObjectName("runCardFindings");
  findings_ = makeColumn(0, findingRows);
  findingBox->addWidget(findingRows);
  body->addLayout(findingBox);
  body->addStretch(1);

  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inside);
  column->addWidget(scroll, 1);
  column->addWidget(makeLine());
  auto* foot = makeRow(8);
  foot->setContentsMargins(16, 10, 16, 10);
  auto* save = makeSmallButton(tr("Save recipe"), "saveRecipeButton");
  connect(save, &QPushButton::clicked, this, [this] { attempt({}, [this] { workbench_.document.save(); }); });
  auto* copy = makeSmallButton(tr("Copy as command"), "copyCommandButton", "quiet");
  connect(copy, &QPushButton::clicked, this, [this] {
    const QString file = QString::fromStdString((workbench_.document.folder() / "recipe.json").string());
    QGuiApplication::clipboard()->setText("luthier-cli train '" + file + "'");
  });
  foot->addWidget(save);
  foot->addWidget(copy);
  foot->addStretch(1);
  column->addLayout(foot);
  all->addWidget(open_);

  connect(&workbench.document, &Document::changed, this, &RunCard::update);
  connect(&workbench.document, &Document::projectChanged, this, &RunCard::update);
  for (const auto signal : {&ProjectFacts::dataChanged, &ProjectFacts::modelChanged, &ProjectFacts::estimateChanged,
                            &ProjectFacts::preflightChanged})
    connect(&workbench.facts, signal, this, &RunCard::update);
  connect(&theme(), &Theme::changed, this, [this, head] {
    head->setFixedHeight(scaled(52));
    setCollapsed(collapsed_);
    update();
  });
  setCollapsed(false);
  update();
}

QLabel* RunCard::fact(const QString& name) {
  auto* row = makeRow(8);
  QLabel* key = makeLabel(name, TextStyle::small, "tertiary");
  key->setFixedWidth(scaled(68));
  auto* value = new ElidedLabel("–");
  value->setFont(luthier::font(TextStyle::small));
  connect(&theme(), &Theme::changed, value, [value] { value->setFont(luthier::font(TextStyle::small)); });
  row->addWidget(key);
  row->addWidget(value, 1);
  facts_->addLayout(row);
  values_[name] = value;
  return value;
}

void RunCard::setCollapsed(bool collapsed) {
  const bool other = collapsed != collapsed_;
  collapsed_ = collapsed;
  open_->setVisible(!collapsed);
  closed_->setVisible(collapsed);
  setFixedWidth(collapsed ? 40 : scaled(288));
  if (other) Q_EMIT collapsedChanged();
}

void RunCard::update() {
  const Document& document = workbench_.document;
  const ProjectFacts& facts = workbench_.facts;
  const auto say = [&](const QString& name, const QString& text) {
    values_[name]->setFullText(text.isEmpty() ? "–" : text);
  };
  if (!document.isOpen()) {
    for (ElidedLabel* label : std::as_const(values_)) label->setFullText("–");
    updateMemory();
    updateFindings();
    return;
  }
  const Recipe& recipe = document.lenient();
  QString task = catalogText(objective_entry(kind_of(recipe.objective)).label);
  QString data = recipe.data.train.empty() ? tr("none chosen") : fileName(recipe.data.train);
  if (const DataProfile* profile = facts.data()) {
    if (!profile->labels.empty()) task += tr(", %1 labels").arg(profile->labels.size());
    data = tr("%1 rows").arg(countText(profile->train_rows > 0 ? profile->train_rows : profile->rows));
    if (profile->lengths.total > 0) data += tr(" · %1 tokens").arg(shortCountText(double(profile->lengths.total)));
  }
  say(tr("Task"), task);
  say(tr("Data"), data);
  say(tr("Model"), recipe.model.path.empty() ? tr("none chosen") : fileName(recipe.model.path));
  say(tr("Method"), methodText(recipe));
  const auto& estimate = facts.estimate();
  say(tr("Trainable"), estimate && estimate->total > 0
                           ? QString("%1 (%2)").arg(shortCountText(double(estimate->trainable)),
                                                    percentText(double(estimate->trainable) / double(estimate->total)))
                           : QString());
  const TrainingOptions& training = recipe.training;
  say(tr("Batch"), training.gradient_accumulation > 1 ? tr("%1 × %2 accumulated = %3")
                                                            .arg(training.batch_size)
                                                            .arg(training.gradient_accumulation)
                                                            .arg(training.batch_size * training.gradient_accumulation)
                                                      : QString::number(training.batch_size));
  const Json& preflight = facts.preflight();
  QString time = estimate && estimate->steps > 0 ? tr("%1 steps").arg(countText(estimate->steps)) : QString();
  if (preflight.is_object() && preflight.contains("total_seconds") && preflight["total_seconds"].is_number())
    time = QString("%1 (%2)").arg(durationText(preflight["total_seconds"].get<double>()), time);
  say(tr("Time"), time);
  say(tr("Disk"), estimate
                      ? tr("%1 of %2 free")
                            .arg(bytesText(double(estimate->disk_bytes)), bytesText(double(estimate->disk_free_bytes)))
                      : QString());
  updateMemory();
  updateFindings();
}

void RunCard::updateMemory() {
  const auto& estimate = workbench_.facts.estimate();
  const Json& preflight = workbench_.facts.preflight();
  double part[4] = {0, 0, 0, 0};
  double available = 0;
  QString note = tr("The estimate needs data and a model.");
  if (estimate) {
    const MemoryEstimate& memory = estimate->memory;
    part[0] = double(memory.weights_bytes);
    part[1] = double(memory.gradients_bytes);
    part[2] = double(memory.optimizer_bytes);
    part[3] = double(memory.activations_share());
    available = double(estimate->memory_total_bytes);
    note = tr("Estimate. Preflight measures it.");
  }
  if (estimate && preflight.is_object() && !workbench_.facts.preflightStale() && preflight.contains("memory")) {
    const Json measured = preflight["memory"].value("measured", Json());
    const char* keys[] = {"weights", "gradients", "optimizer", "activations"};
    if (measured.is_object() && measured.value("total", 0.0) > 0) {  // 0: the dry step was left out
      for (int i = 0; i < 4; ++i) part[i] = measured.value(keys[i], 0.0);
      note = tr("Measured by the dry step, %1.").arg(clockText(workbench_.facts.preflightAt()));
    }
  }
  const double total = part[0] + part[1] + part[2] + part[3];
  memoryTotal_->setText(estimate ? tr("%1 of %2").arg("<b>" + bytesText(total) + "</b>", bytesText(available))
                                 : QString("–"));
  const auto segments = memorySegments(part[0], part[1], part[2], part[3]);
  QStringList spoken;
  for (const MemoryBar::Segment& segment : segments) spoken << segment.name + " " + bytesText(segment.value);
  memory_->setSegments(segments, available,
                       tr("Memory %1 of %2").arg(bytesText(total), bytesText(available)) + ": " + spoken.join(", "));
  for (int i = 0; i < 4; ++i) memoryParts_[i]->setText(estimate ? bytesText(part[i]) : QString("–"));
  memoryNote_->setText(note);
}

void RunCard::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), tokens().chrome);
  painter.setPen(tokens().line);
  painter.drawLine(0, 0, 0, height());
}

}  // namespace luthier
