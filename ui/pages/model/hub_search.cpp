#include "pages/model/hub_search.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <nlohmann/json.hpp>

#include "widgets/basics.h"
#include "widgets/format.h"
#include "widgets/search_edit.h"

namespace luthier {

namespace {
QString textIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}
}  // namespace

QString HubSearch::unavailable() {
  const QString offline = qEnvironmentVariable("HF_HUB_OFFLINE").toUpper();
  const bool off = offline == "1" || offline == "ON" || offline == "YES" || offline == "TRUE";
  return off ? tr("Not available: HF_HUB_OFFLINE forbids this program to use the network.") : QString();
}

HubSearch::HubSearch(JobList& jobs, QWidget* parent) : QWidget(parent), jobs_(jobs) {
  setObjectName("hubSearch");
  auto* column = makeColumn(8, this);
  column->setContentsMargins(10, 9, 10, 9);
  edit_ = makeSearchEdit(tr("Search the hub"), "hubSearchEdit");
  column->addWidget(edit_);
  said_ = makeText(tr("Words of a model's name, then Enter. Nothing but these words is sent."), TextStyle::small,
                   "tertiary");
  said_->setObjectName("hubSaid");
  column->addWidget(said_);
  list_ = new QListWidget;
  list_->setObjectName("hubList");
  list_->setAccessibleName(tr("Models of the hub"));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->setUniformItemSizes(true);
  column->addWidget(list_, 1);
  stage_ = new ElidedLabel;
  stage_->setProperty("tone", "secondary");
  bar_ = new QProgressBar;
  bar_->setTextVisible(false);
  bar_->setAccessibleName(tr("Progress of the download"));
  column->addWidget(stage_);
  column->addWidget(bar_);
  auto* buttons = makeRow(8);
  get_ = makeSmallButton(tr("Download"), "hubDownloadButton", "primary");
  cancel_ = makeSmallButton(tr("Cancel"), "hubCancelButton");
  buttons->addWidget(get_);
  buttons->addWidget(cancel_);
  buttons->addStretch(1);
  column->addLayout(buttons);
  connect(edit_, &QLineEdit::returnPressed, this, &HubSearch::search);
  connect(list_, &QListWidget::currentRowChanged, this, &HubSearch::refresh);
  connect(list_, &QListWidget::itemActivated, this, &HubSearch::download);
  connect(get_, &QPushButton::clicked, this, &HubSearch::download);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    if (job_) job_->cancel();
  });
  refresh();
}

void HubSearch::search() {
  const QString words = edit_->text().simplified();
  if (words.isEmpty() || downloading_) return;
  if (job_) job_->cancel();
  auto* job =
      new CliJob(tr("Searching the hub"), QStringList{"hub", "search"} + words.split(' ') + QStringList{"--json"});
  job_ = job;
  said_->setText(tr("Searching"));
  connect(job, &CliJob::line, this, [this, job](const Json& json) {
    if (job == job_ && json.is_object() && json.contains("models")) show(json["models"]);
  });
  connect(job, &Job::finished, this, [this, job](const std::optional<ErrorText>& error) {
    if (job != job_) return;  // searched for something else since
    job_ = nullptr;
    if (error && error->kind != "cancelled") {
      said_->setText(error->what.section('\n', 0, 0));
      Q_EMIT failed(*error);
    }
    refresh();
  });
  jobs_.run(job);
  refresh();
}

void HubSearch::show(const Json& models) {
  list_->clear();
  for (const Json& model : models) {
    const QString id = textIn(model, "id"), task = textIn(model, "task");
    const auto downloads = model.find("downloads");
    const double count = downloads != model.end() && downloads->is_number() ? downloads->get<double>() : 0;
    auto* item = new QListWidgetItem(id, list_);
    item->setData(Qt::UserRole, id);
    item->setToolTip(tr("%1, %2 downloads").arg(task.isEmpty() ? id : task, shortCountText(count)));
    item->setData(Qt::AccessibleTextRole, id + ", " + item->toolTip());
  }
  said_->setText(list_->count() == 0 ? tr("The hub finds no such model.") : tr("%n models", nullptr, list_->count()));
  if (list_->count() > 0) list_->setCurrentRow(0);
}

void HubSearch::download() {
  const QListWidgetItem* item = list_->currentItem();
  if (!item || job_) return;
  const QString id = item->data(Qt::UserRole).toString();
  auto* job = new CliJob(tr("Downloading %1").arg(id), {"hub", "download", id, "--json"});
  job_ = job;
  downloading_ = true;
  auto folder = std::make_shared<std::filesystem::path>();
  connect(job, &CliJob::line, this, [folder](const Json& json) {
    if (json.is_object() && json.contains("model")) *folder = textIn(json["model"], "path").toStdString();
  });
  connect(job, &Job::progressed, this, [this, job] {
    static_cast<ElidedLabel*>(stage_)->setFullText(job->stage());
    bar_->setRange(0, job->share() < 0 ? 0 : 1000);
    bar_->setValue(qRound(job->share() * 1000));
  });
  connect(job, &Job::finished, this, [this, folder, id](const std::optional<ErrorText>& error) {
    job_ = nullptr;
    downloading_ = false;
    if (!error) {
      said_->setText(tr("%1 is in the cache.").arg(id));
      Q_EMIT downloaded(*folder);
    } else if (error->kind == "cancelled") {
      said_->setText(tr("Stopped. What was fetched is kept: the next download goes on from there."));
    } else {
      ErrorText told = *error;
      told.title = tr("%1 was not downloaded").arg(id);
      Q_EMIT failed(told);
    }
    refresh();
  });
  static_cast<ElidedLabel*>(stage_)->setFullText(tr("Starting"));
  bar_->setRange(0, 0);
  jobs_.run(job);
  refresh();
}

void HubSearch::refresh() {
  for (QWidget* widget : {static_cast<QWidget*>(stage_), static_cast<QWidget*>(bar_)}) widget->setVisible(downloading_);
  cancel_->setVisible(job_ != nullptr);
  get_->setVisible(!downloading_);
  setEnabledBecause(get_, list_->currentItem() && !job_, tr("Not available: search, then choose a model."));
  setEnabledBecause(edit_, !downloading_, tr("Not available: a model is being downloaded."));
}

}  // namespace luthier
