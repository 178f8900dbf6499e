#include "pages/model/model_details_view.h"

#include <QDesktopServices>
#include <QDir>
#include <QGridLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QUrl>
#include <QVBoxLayout>

#include "forms/catalog_text.h"
#include "pages/model/module_tree.h"
#include "pages/model/tokenizer_try_out.h"
#include "widgets/controls.h"
#include "widgets/format.h"
#include "widgets/search_edit.h"

namespace luthier {

namespace {
constexpr int kFactColumns = 4;
constexpr int kOpenDepth = 2;  // as far as the list of blocks

QString sentence(const std::string& text) { return wholeSentence(catalogText(text)); }

QWidget* passedCheck(const QString& text) {
  auto* check = new QWidget;
  auto* row = makeRow(6, check);
  row->addWidget(new StateMark(StateKind::done));
  row->addWidget(makeLabel(text, TextStyle::small, "secondary"));
  return check;
}

StateKind stateOf(const std::string& severity) {
  if (severity == "error") return StateKind::error;
  return severity == "warning" ? StateKind::warning : StateKind::note;
}
}  // namespace

ModelDetailsView::ModelDetailsView(QWidget* parent) : QWidget(parent) {
  auto* column = makeColumn(12, this);
  error_ = new ErrorCard;
  error_->hide();
  column->addWidget(error_);

  auto* card = new Card;
  factsCard_ = card;
  card->setObjectName("modelFacts");
  card->setAccessibleName(tr("The model"));
  card->body()->setContentsMargins(15, 10, 15, 12);
  card->body()->setSpacing(10);
  auto* head = makeRow(8);
  name_ = makeLabel({}, TextStyle::heading);
  name_->setObjectName("modelName");
  kind_ = makeChip({}, "outline");
  head->addWidget(name_);
  head->addWidget(kind_);
  head->addStretch(1);
  files_ = makeSmallButton(tr("Show files"), "showFilesButton", "quiet");
  files_->setIcon(icon("folder"));
  connect(files_, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder_)); });
  head->addWidget(files_);
  card->body()->addLayout(head);
  facts_ = new QGridLayout;
  facts_->setContentsMargins(0, 0, 0, 0);
  facts_->setHorizontalSpacing(16);
  facts_->setVerticalSpacing(10);
  card->body()->addLayout(facts_);
  card->body()->addWidget(makeLine());
  auto* checks = new QWidget;
  checks->setObjectName("modelChecks");
  checks->setAccessibleName(tr("Checks"));
  auto* lines = makeColumn(6, checks);
  auto* good = new QWidget;
  passed_ = new FlowLayout(16, good);
  findings_ = makeColumn(6);
  lines->addWidget(good);
  lines->addLayout(findings_);
  card->body()->addWidget(checks);
  column->addWidget(card);

  modulesCard_ = buildModules();
  column->addWidget(modulesCard_, 1);
  tryOut_ = new TokenizerTryOut;
  tryOut_->setFixedHeight(scaled(150));
  column->addWidget(tryOut_);
  column->addStretch(0);
}

QWidget* ModelDetailsView::buildModules() {
  auto* card = new Card(tr("Architecture"));
  card->setMinimumHeight(scaled(150));
  total_ = card->subtitle();
  filter_ = makeSearchEdit(tr("Find a module"), "moduleFilterEdit");
  filter_->setFixedWidth(scaled(170));
  card->header()->addWidget(filter_);
  modules_ = new ModuleTree(this);
  filtered_ = new QSortFilterProxyModel(this);
  filtered_->setRecursiveFilteringEnabled(true);
  filtered_->setFilterRole(ModuleTree::PathRole);
  filtered_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  tree_ = new ModuleTreeView;
  tree_->setObjectName("moduleTree");
  tree_->setAccessibleName(tr("Modules"));
  tree_->setModel(modules_);
  tree_->setItemDelegate(new ModuleDelegate(tree_));
  QHeaderView* header = tree_->header();
  header->setSectionResizeMode(ModuleTree::NameColumn, QHeaderView::Stretch);
  for (const auto& [column, width] : {std::pair{int(ModuleTree::ShapeColumn), 110},
                                      {int(ModuleTree::ParametersColumn), 110},
                                      {int(ModuleTree::ShareColumn), 122}}) {
    header->setSectionResizeMode(column, QHeaderView::Fixed);
    header->resizeSection(column, scaled(width));
  }
  card->body()->setContentsMargins(0, 0, 0, 4);
  card->body()->setSpacing(0);
  card->body()->addWidget(makeLine());
  card->body()->addWidget(tree_, 1);
  connect(filter_, &QLineEdit::textChanged, this, &ModelDetailsView::filterModules);
  return card;
}

void ModelDetailsView::filterModules(const QString& text) {
  // Filtering looks at every module, so the filter stands between only while there is one.
  const bool filters = !text.trimmed().isEmpty();
  filtered_->setFilterFixedString(text.trimmed());
  filtered_->setSourceModel(filters ? modules_ : nullptr);
  tree_->setModel(filters ? static_cast<QAbstractItemModel*>(filtered_) : modules_);
  if (filters)
    tree_->expandAll();
  else
    tree_->expandToDepth(kOpenDepth);
}

void ModelDetailsView::showModel(const ModelDetails& details, const MethodOptions& method,
                                 const std::optional<ErrorText>& refusal) {
  folder_ = QString::fromStdString(details.model.folder.string());
  if (refusal) error_->setError(*refusal);
  error_->setVisible(refusal.has_value());
  const bool readable = details.model.outline != nullptr;
  for (QWidget* part : {factsCard_, modulesCard_, static_cast<QWidget*>(tryOut_)}) part->setVisible(readable);
  if (!readable) return;
  showFacts(details);
  showChecks(details);
  modules_->setModel(details.model.outline, method);
  total_->setText(tr("%1 parameters").arg(countText(details.model.outline->total_parameters)));
  filterModules(filter_->text());
  const bool hasTokenizer = details.model.outline->tokenizer_tokens > 0;
  tryOut_->setVisible(hasTokenizer);
  if (hasTokenizer)
    tryOut_->setModel(details.model.folder, tr("%1, %2 tokens")
                                                .arg(details.tokenizer.isEmpty() ? tr("Tokenizer") : details.tokenizer,
                                                     countText(details.model.outline->tokenizer_tokens)));
}

void ModelDetailsView::setMethod(const MethodOptions& method) {
  modules_->setMethod(method);
  filterModules(filter_->text());
}

void ModelDetailsView::showFacts(const ModelDetails& details) {
  const ModelOutline& outline = *details.model.outline;
  name_->setText(details.model.name);
  files_->setText(tr("Show files, %1").arg(bytesText(double(details.diskBytes))));
  kind_->setText(details.kind);
  const ModelSizes& sizes = outline.sizes;
  QString heads = countText(details.heads);
  if (details.keyValueHeads > 0 && details.keyValueHeads != details.heads)
    heads = tr("%1, %2 key-value").arg(heads, countText(details.keyValueHeads));
  const std::pair<QString, QString> all[] = {
      {tr("Family"), details.model.family},
      {tr("Parameters"), shortCountText(double(outline.total_parameters))},
      {tr("Layers × channels"), QString("%1 × %2").arg(sizes.layers).arg(sizes.channels)},
      {tr("Heads"), heads},
      {tr("Positions"), tr("%1 tokens").arg(countText(sizes.positions))},
      {tr("Vocabulary"), countText(sizes.vocabulary)},
      {tr("Weights"), outline.file_bytes > 0
                          ? QString("%1, %2").arg(details.dtype, bytesText(double(outline.file_bytes)))
                      : details.drawn ? tr("drawn anew")
                                      : tr("none")},
      {tr("Licence"), details.model.licence.isEmpty() ? tr("not stated") : details.model.licence}};
  clearLayout(facts_);
  int at = 0;
  for (const auto& [name, value] : all) {
    auto* cell = new QWidget;
    auto* words = makeColumn(0, cell);
    words->addWidget(makeLabel(name, TextStyle::caption, "tertiary"));
    auto* told = new ElidedLabel(value);
    told->setFont(luthier::font(TextStyle::label));
    words->addWidget(told);
    facts_->addWidget(cell, at / kFactColumns, at % kFactColumns);
    facts_->setColumnStretch(at % kFactColumns, 1);
    ++at;
  }
}

void ModelDetailsView::showChecks(const ModelDetails& details) {
  const ModelOutline& outline = *details.model.outline;
  clearLayout(findings_);
  clearLayout(passed_);
  const auto found = [&](std::initializer_list<const char*> ids) {
    return std::any_of(outline.findings.begin(), outline.findings.end(), [&](const OutlineFinding& finding) {
      return std::find(ids.begin(), ids.end(), finding.id) != ids.end();
    });
  };
  if (!details.drawn && !found({"no_weights", "pickle", "broken_weights"})) {
    if (details.tensors > 0) passed_->addWidget(passedCheck(tr("safetensors, no code executed")));
    if (!found({"missing_weights", "misshapen_weights"})) passed_->addWidget(passedCheck(tr("all tensors match")));
  }
  if (outline.tokenizer_tokens > 0 && !found({"no_tokenizer", "tokenizer_broken", "tokenizer_too_large"}))
    passed_->addWidget(passedCheck(tr("tokenizer fits")));
  if (!details.model.licence.isEmpty()) passed_->addWidget(passedCheck(tr("licence stated")));
  for (const OutlineFinding& finding : outline.findings) {
    if (QString::fromStdString(finding.message) == details.model.refused) continue;  // stands above
    auto* line = new QWidget;
    line->setObjectName("modelCheck." + QString::fromStdString(finding.id));
    auto* row = makeRow(6, line);
    row->addWidget(new StateMark(stateOf(finding.severity)), 0, Qt::AlignTop);
    QString text = sentence(finding.message);
    if (!finding.hint.empty()) text += ' ' + sentence(finding.hint);
    row->addWidget(makeText(text, TextStyle::small, "secondary"), 1);
    findings_->addWidget(line);
  }
  if (details.model.otherTask) {
    auto* line = new QWidget;
    line->setObjectName("modelCheck.wrong_head");
    auto* row = makeRow(6, line);
    row->addWidget(new StateMark(StateKind::error), 0, Qt::AlignTop);
    row->addWidget(
        makeText(tr("%1 models have no head for this project's task. Choose another model, or another task on "
                    "the page Method.")
                     .arg(details.model.family),
                 TextStyle::small, "secondary"),
        1);
    findings_->addWidget(line);
  }
}

}  // namespace luthier
