#include "pages/model/model_page.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "device/device.h"
#include "pages/model/hub_browser.h"
#include "pages/model/model_details_view.h"
#include "pages/model/model_list.h"
#include "recipe/catalog.h"
#include "widgets/controls.h"
#include "widgets/format.h"
#include "widgets/search_edit.h"

namespace luthier {

namespace {
constexpr const char* kOpenedKey = "modelFolders";
constexpr std::size_t kOpenedKept = 12;

std::string objectiveOf(const Document& document) { return kind_of(document.lenient().objective); }

std::int64_t labelsOf(const Workbench& workbench) {
  const Recipe& recipe = workbench.document.lenient();
  if (!recipe.data.labels.empty()) return std::int64_t(recipe.data.labels.size());
  return workbench.facts.data() ? std::int64_t(workbench.facts.data()->labels.size()) : 0;
}

/// The folder of a recipe that draws its weights anew; no weights are to be expected there.
std::filesystem::path drawnModel(const Document& document) {
  const ModelOptions& model = document.lenient().model;
  return model.from_config ? std::filesystem::path(model.path) : std::filesystem::path();
}
}  // namespace

ModelPage::ModelPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Model"), "modelPage", parent) {
  open_ = makeButton(tr("Open a folder"), "openFolderButton");
  continue_ = makeButton(tr("Continue to Method"), "pagePrimaryButton", "primary");
  addHeaderButton(open_);
  addHeaderButton(continue_);
  connect(open_, &QPushButton::clicked, this, &ModelPage::openFolder);
  connect(continue_, &QPushButton::clicked, this, [this] { this->workbench().goTo(Step::method); });
  auto* openAction = new QAction(tr("Open a model's folder"), this);
  connect(openAction, &QAction::triggered, this, &ModelPage::openFolder);
  auto* search = new QAction(tr("Filter the models"), this);
  search->setShortcut(QKeySequence("/"));
  search->setShortcutContext(Qt::WindowShortcut);
  connect(search, &QAction::triggered, this, [this] {
    (source_->current() == "hub" ? static_cast<QWidget*>(hub_) : filter_)->setFocus(Qt::ShortcutFocusReason);
  });
  addAction(search);
  actions_ = {openAction, search};

  auto* row = makeRow(12);
  row->addWidget(buildList());
  details_ = new ModelDetailsView;
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  details_->setProperty("surface", "none");
  scroll->setWidget(details_);
  noModel_ = new EmptyState("model", tr("No model chosen"),
                            tr("Choose one at the left: what it is made of and whether it fits stands here then."));
  detailStack_ = new QStackedWidget;
  detailStack_->addWidget(noModel_);
  detailStack_->addWidget(scroll);
  row->addWidget(detailStack_, 1);
  content()->addLayout(row, 1);

  for (const QByteArray& line : workbench.settings.state(kOpenedKey).split('\n'))
    if (!line.isEmpty()) opened_.emplace_back(line.toStdString());
  connect(&workbench.document, &Document::projectChanged, this, [this] {
    shownFolder_.clear();
    if (isVisible()) findModels();
    takeDocumentModel();
  });
  connect(&workbench.document, &Document::changed, this, [this](const QStringList& paths) {
    const auto touches = [&](const char* part) {
      return std::any_of(paths.begin(), paths.end(),
                         [&](const QString& path) { return path.isEmpty() || path.startsWith(part); });
    };
    if (touches("method")) details_->setMethod(this->workbench().document.lenient().method);
    if (touches("objective")) {
      shownFolder_.clear();
      if (isVisible()) findModels();
    }
    if (touches("objective") || touches("model")) takeDocumentModel();
  });
  connect(&workbench.facts, &ProjectFacts::modelChanged, this, &ModelPage::updateButtons);
  connect(&workbench.facts, &ProjectFacts::dataChanged, this, [this] {
    // The head's size follows from the number of labels.
    if (labelsOf(this->workbench()) == labels_) return;
    if (isVisible()) findModels();
    if (!shownFolder_.empty()) look(shownFolder_, taking_);
  });
  connect(&workbench.facts, &ProjectFacts::estimateChanged, this, [this] {
    if (isVisible()) rateModels();
  });
  takeDocumentModel();
}

QWidget* ModelPage::buildList() {
  auto* card = new Card;
  card->setFixedWidth(scaled(268));
  card->setAccessibleName(tr("Models on this computer"));
  card->body()->setContentsMargins(0, 10, 0, 0);
  card->body()->setSpacing(0);
  auto* top = makeRow(0);
  top->setContentsMargins(10, 0, 10, 8);
  source_ = new SegmentedControl("modelSource");
  source_->setChoices({"folder", "cache", "hub"}, {tr("Folders"), tr("Hub cache"), tr("Hub")});
  source_->setDisabledBecause("hub", HubBrowser::unavailable());
  source_->setAccessibleName(tr("Where to look for models"));
  source_->setCurrent("folder");
  filter_ = makeSearchEdit(tr("Filter the models"), "modelFilterEdit");
  top->addWidget(source_);
  top->addStretch(1);
  card->body()->addLayout(top);
  auto* here = new QWidget;
  auto* column = makeColumn(0, here);
  auto* filterRow = makeRow(0);
  filterRow->setContentsMargins(10, 0, 10, 9);
  filterRow->addWidget(filter_);
  column->addLayout(filterRow);
  column->addWidget(makeLine());
  models_ = new ModelList(this);
  list_ = new QListView;
  list_->setObjectName("modelList");
  list_->setAccessibleName(tr("Models"));
  list_->setModel(models_);
  list_->setItemDelegate(new ModelDelegate(list_));
  list_->setMouseTracking(true);
  list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  noModels_ = new EmptyState("model", {}, {});
  listStack_ = new QStackedWidget;
  listStack_->addWidget(list_);
  listStack_->addWidget(noModels_);
  column->addWidget(listStack_, 1);
  column->addWidget(makeLine());
  footer_ = new ElidedLabel({}, Qt::ElideMiddle);
  footer_->setFont(luthier::font(TextStyle::caption));
  footer_->setProperty("tone", "tertiary");
  auto* foot = makeRow(0);
  foot->setContentsMargins(13, 8, 13, 8);
  foot->addWidget(footer_);
  column->addLayout(foot);
  hub_ = new HubBrowser(workbench());
  sourceStack_ = new QStackedWidget;
  sourceStack_->addWidget(here);
  sourceStack_->addWidget(hub_);
  card->body()->addWidget(sourceStack_, 1);
  connect(source_, &SegmentedControl::chosen, this, &ModelPage::showSource);
  connect(hub_, &HubBrowser::fetched, this, [this](const QString&, const QString& folder) {
    choose(folder.toStdString());
    findModels();
  });
  connect(filter_, &QLineEdit::textChanged, this, [this](const QString& text) {
    models_->setFilter(text);
    selectShown();
  });
  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
    const QString folder = index.data(ModelList::FolderRole).toString();
    if (!folder.isEmpty()) choose(folder.toStdString());
  });
  return card;
}

StateKind ModelPage::state() const {
  const ProjectFacts& facts = workbench().facts;
  if (!workbench().document.isOpen() || workbench().document.lenient().model.path.empty()) return StateKind::notStarted;
  if (facts.modelError()) return StateKind::error;
  if (!facts.model()) return StateKind::notStarted;
  StateKind worst = StateKind::done;
  for (const OutlineFinding& finding : facts.model()->findings) {
    if (finding.severity == "error") return StateKind::error;
    if (finding.severity == "warning") worst = StateKind::warning;
  }
  return worst;
}

void ModelPage::shown() { findModels(); }

void ModelPage::showSource() {
  const bool hub = source_->current() == "hub";
  sourceStack_->setCurrentIndex(hub ? 1 : 0);
  if (hub)
    hub_->setFocus();
  else
    rateModels();
}

void ModelPage::findModels() {
  const int round = ++findRound_;
  labels_ = labelsOf(workbench());
  ModelPlaces places;
  places.opened = opened_;
  places.projects = workbench().settings.recentProjects();
  if (workbench().document.isOpen()) places.projects.insert(places.projects.begin(), workbench().document.folder());
  places.starters = startersFolder();
  places.cache = huggingFaceCache();
  places.home = workbench().runs.store().home();
  places.drawn = drawnModel(workbench().document);
  auto found = std::make_shared<std::vector<FoundModel>>();
  auto* job = new ThreadJob(
      tr("Looking for models"),
      [places, objective = objectiveOf(workbench().document), labels = labels_, found](JobProgress&) {
        *found = luthier::findModels(places, objective, labels);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, round, found] {
    if (round != findRound_) return;
    found_ = std::move(*found);
    rateModels();
  });
  job->start();
}

FitSetting ModelPage::fitSetting() const {
  const Recipe& recipe = workbench().document.lenient();
  FitSetting setting;
  setting.method = recipe.method;
  setting.training = recipe.training;
  setting.tokens = recipe.data.max_tokens;
  if (const DataProfile* data = workbench().facts.data(); data && data->lengths.longest > 0)
    setting.tokens = std::min(setting.tokens, data->lengths.longest);
  const auto& estimate = workbench().facts.estimate();
  setting.available_bytes = estimate ? estimate->memory_available_bytes : memory().available_here_bytes;
  return setting;
}

void ModelPage::rateModels() {
  const FitSetting setting = fitSetting();
  const bool cache = source_->current() == "cache";
  std::vector<FoundModel> shown;
  std::vector<Fit> fits;
  std::uint64_t bytes = 0;
  for (const FoundModel& model : found_) {
    if ((model.origin == ModelOrigin::cache) != cache) continue;
    shown.push_back(model);
    fits.push_back(rate(model, setting));
    bytes += model.bytes;
  }
  const int count = int(shown.size());
  models_->setModels(std::move(shown), std::move(fits));
  filter_->setPlaceholderText(count == 1 ? tr("Filter 1 model") : tr("Filter %1 models").arg(count));
  footer_->setFullText(
      cache ? tr("%1, %2").arg(QDir::toNativeSeparators(QString::fromStdString(huggingFaceCache().string())),
                               bytesText(double(bytes)))
            : tr("Starters, projects, runs: %1").arg(bytesText(double(bytes))));
  noModels_->setText(cache ? tr("Nothing in the cache") : tr("No model found"),
                     cache ? tr("Models that other programs fetched from Hugging Face are listed here.")
                           : tr("Open a folder that holds a model: config.json, safetensors and a tokenizer."));
  listStack_->setCurrentWidget(count > 0 ? static_cast<QWidget*>(list_) : noModels_);
  selectShown();
}

void ModelPage::selectShown() {
  const QSignalBlocker quiet(list_->selectionModel());
  const QModelIndex index = models_->indexOf(shownFolder_);
  list_->selectionModel()->clear();
  if (index.isValid()) list_->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect);
  list_->viewport()->update();
}

void ModelPage::takeDocumentModel() {
  const std::filesystem::path folder = workbench().document.lenient().model.path;
  updateButtons();
  if (!workbench().document.isOpen() || folder.empty()) {
    shownFolder_.clear();
    detailStack_->setCurrentIndex(0);
    setSubtitle({});
    return selectShown();
  }
  setSubtitle(QString::fromStdString(folder.filename().string()));
  if (folder == shownFolder_) return;
  shownFolder_ = folder;
  selectShown();
  look(folder, false);
}

void ModelPage::choose(const std::filesystem::path& folder) {
  shownFolder_ = folder;
  look(folder, true);
}

void ModelPage::look(const std::filesystem::path& folder, bool take) {
  const int round = ++detailRound_;
  taking_ = take;
  const bool drawn = !take && folder == drawnModel(workbench().document);
  labels_ = labelsOf(workbench());
  auto details = std::make_shared<ModelDetails>();
  auto* job = new ThreadJob(
      tr("Reading the model"),
      [folder, objective = objectiveOf(workbench().document), labels = labels_, drawn, details](JobProgress&) {
        *details = readModelDetails(folder, objective, labels, drawn);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, round, details, take] {
    if (round != detailRound_) return;
    taking_ = false;
    for (const FoundModel& model : found_)
      if (model.folder == details->model.folder) details->model.name = model.name;
    std::optional<ErrorText> refusal;
    if (const FoundModel& model = details->model; !model.refused.isEmpty()) {
      const bool chosen = std::filesystem::path(workbench().document.lenient().model.path) == model.folder;
      refusal = ErrorText{chosen ? tr("This model cannot be used") : tr("%1 was not chosen").arg(model.name),
                          model.refused,
                          {},
                          model.refusedHint,
                          "unsupported"};
    }
    details_->showModel(*details, workbench().document.lenient().method, refusal);
    detailStack_->setCurrentIndex(1);
    // The model is seen before every page hears of it.
    if (take && !refusal) QTimer::singleShot(0, this, [this, folder = details->model.folder] { write(folder); });
  });
  job->start();
}

void ModelPage::write(const std::filesystem::path& folder) {
  Document& document = workbench().document;
  if (!document.isOpen() || std::filesystem::path(document.lenient().model.path) == folder) return;
  const std::string stored = document.storedPath(folder);
  const ModelOptions& now = document.lenient().model;
  if (now.adapter.empty() && now.tokenizer.empty() && !now.from_config)
    return document.set("model.path", stored, tr("Model"));
  // What belonged to the model before goes with it.
  document.apply({"model.path=" + QString::fromStdString(Json(stored).dump()), "model.adapter=\"\"",
                  "model.tokenizer=\"\"", "model.from_config=false"},
                 tr("Model"));
}

void ModelPage::openFolder() {
  auto* dialog = new QFileDialog(this, tr("Choose a model's folder"));
  dialog->setObjectName("modelFolderDialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { open(path.toStdString()); });
  dialog->open();
}

void ModelPage::open(const std::filesystem::path& folder) {
  std::erase(opened_, folder);
  opened_.insert(opened_.begin(), folder);
  if (opened_.size() > kOpenedKept) opened_.resize(kOpenedKept);
  QByteArray lines;
  for (const std::filesystem::path& one : opened_) lines += QByteArray::fromStdString(one.string()) + '\n';
  workbench().settings.setState(kOpenedKey, lines);
  source_->setCurrent("folder");
  showSource();
  choose(folder);
  findModels();
}

void ModelPage::updateButtons() {
  const Document& document = workbench().document;
  const bool chosen = document.isOpen() && !document.lenient().model.path.empty();
  setEnabledBecause(continue_, chosen && !workbench().facts.modelError(),
                    !document.isOpen() ? tr("Not available: open data or a project first.")
                    : chosen           ? tr("Not available: the chosen model cannot be read.")
                                       : tr("Not available: choose a model first."));
  Q_EMIT stateChanged();
}

}  // namespace luthier
