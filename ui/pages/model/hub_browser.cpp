#include "pages/model/hub_browser.h"

#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QRegularExpression>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kIdRole = Qt::UserRole;
constexpr int kMostFound = 50;

QString textOf(const Json& json, const char* key) {
  const auto value = json.find(key);
  return value != json.end() && value->is_string() ? QString::fromStdString(value->get<std::string>()) : QString();
}

/// ORG/NAME or ORG/NAME@REVISION: what can be fetched without a search.
bool isModelName(const QString& text) {
  static const QRegularExpression name("^[\\w.-]+/[\\w.-]+(@[\\w./-]+)?$");
  return name.match(text).hasMatch();
}
}  // namespace

QString HubBrowser::unavailable() {
  const QString offline = qEnvironmentVariable("HF_HUB_OFFLINE").toUpper();
  const bool off = offline == "1" || offline == "ON" || offline == "YES" || offline == "TRUE";
  return off ? tr("Not available: HF_HUB_OFFLINE forbids this program to use the network.") : QString();
}

HubBrowser::HubBrowser(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  setObjectName("hubSearch");
  words_ = new QLineEdit;
  words_->setObjectName("hubWords");
  words_->setAccessibleName(tr("Search the hub"));
  words_->setPlaceholderText(tr("Words, or ORG/NAME"));
  words_->setClearButtonEnabled(true);
  words_->addAction(icon("search"), QLineEdit::LeadingPosition);
  search_ = makeSmallButton(tr("Search"), "hubSearchButton");
  auto* top = makeRow(8);
  top->setContentsMargins(10, 0, 10, 9);
  top->addWidget(words_, 1);
  top->addWidget(search_);

  empty_ = new EmptyState("search", {}, {});
  empty_->setText(tr("Models of the Hugging Face hub"),
                  tr("What is fetched lies in Hugging Face's own cache, where other programs find it too."));
  found_ = new QListWidget;
  found_->setObjectName("hubFound");
  found_->setAccessibleName(tr("Models of the hub"));
  found_->setTextElideMode(Qt::ElideMiddle);
  found_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  error_ = new ErrorCard;
  error_->setObjectName("hubErrorCard");
  auto* errorPage = new QWidget;
  auto* errorColumn = makeColumn(0, errorPage);
  errorColumn->setContentsMargins(10, 10, 10, 10);
  errorColumn->addWidget(error_);
  errorColumn->addStretch(1);
  stack_ = new QStackedWidget;
  stack_->addWidget(empty_);
  stack_->addWidget(found_);
  stack_->addWidget(errorPage);

  progress_ = new QProgressBar;
  progress_->setObjectName("hubProgress");
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->hide();
  status_ = new ElidedLabel({}, Qt::ElideMiddle);
  status_->setObjectName("hubStatus");
  status_->setFont(luthier::font(TextStyle::caption));
  status_->setProperty("tone", "tertiary");
  fetch_ = makeSmallButton(tr("Download"), "hubFetchButton", "primary");
  auto* foot = makeRow(8);
  foot->setContentsMargins(13, 8, 10, 8);
  foot->addWidget(status_, 1);
  foot->addWidget(fetch_);

  auto* column = makeColumn(0, this);
  column->addLayout(top);
  column->addWidget(makeLine());
  column->addWidget(stack_, 1);
  column->addWidget(progress_);
  column->addWidget(makeLine());
  column->addLayout(foot);
  setFocusProxy(words_);

  connect(words_, &QLineEdit::returnPressed, this, &HubBrowser::search);
  connect(words_, &QLineEdit::textChanged, this, [this] {
    if (isModelName(words_->text().trimmed())) found_->setCurrentRow(-1);
    updateButton();
  });
  connect(search_, &QPushButton::clicked, this, &HubBrowser::search);
  connect(found_, &QListWidget::currentRowChanged, this, &HubBrowser::updateButton);
  connect(found_, &QListWidget::itemActivated, this, [this] {
    if (!fetching_) fetch();
  });
  connect(fetch_, &QPushButton::clicked, this, &HubBrowser::fetchOrStop);
  updateButton();
}

QString HubBrowser::wanted() const {
  if (const QListWidgetItem* chosen = found_->currentItem()) return chosen->data(kIdRole).toString();
  const QString typed = words_->text().trimmed();
  return isModelName(typed) ? typed : QString();
}

void HubBrowser::search() {
  const QString words = words_->text().trimmed();
  if (words.isEmpty()) return;
  if (searching_) searching_->cancel();
  QStringList arguments = {"hub", "search", "--json", "--limit", QString::number(kMostFound), "--"};
  auto* job = new CliJob(tr("Searching the hub"), arguments << words.section('@', 0, 0), this);
  searching_ = job;
  connect(job, &CliJob::line, this, [this, job](const Json& json) {
    if (job == searching_ && json.contains("models")) showFound(json["models"]);
  });
  connect(job, &Job::finished, this, [this, job](const std::optional<ErrorText>& error) {
    if (job != searching_) return;
    searching_ = nullptr;
    if (error && error->kind != "cancelled") showError(*error);
    updateButton();
  });
  status_->setFullText(tr("Searching ..."));
  workbench_.jobs.run(job);
}

void HubBrowser::showFound(const Json& models) {
  found_->clear();
  for (const Json& model : models) {
    const QString id = textOf(model, "id");
    if (id.isEmpty()) continue;
    QStringList details;
    if (const QString task = textOf(model, "task"); !task.isEmpty()) details << task;
    details << tr("%1 downloads").arg(shortCountText(double(model.value("downloads", std::int64_t(0)))));
    if (model.value("gated", false)) details << tr("terms to agree to");
    auto* item = new QListWidgetItem(id + "\n" + details.join(", "), found_);
    item->setData(kIdRole, id);
    item->setToolTip(id);
  }
  const int count = found_->count();
  status_->setFullText(count == kMostFound ? tr("The %1 most downloaded").arg(count) : tr("%n models", "", count));
  if (count == 0) empty_->setText(tr("The hub finds no such model"), tr("Try fewer or other words."));
  stack_->setCurrentIndex(count > 0 ? 1 : 0);
}

void HubBrowser::showError(const ErrorText& error) {
  error_->setError(error);
  stack_->setCurrentIndex(2);
  status_->setFullText({});
}

void HubBrowser::fetchOrStop() {
  if (fetching_)
    fetching_->cancel();
  else
    fetch();
}

void HubBrowser::fetch() {
  const QString id = wanted();
  if (id.isEmpty()) return;
  auto* job = new CliJob(tr("Fetching %1").arg(id), {"hub", "download", "--json", "--", id}, this);
  fetching_ = job;
  fetchedId_ = id;
  auto folder = std::make_shared<QString>();
  connect(job, &CliJob::line, this, [folder](const Json& json) {
    if (json.contains("model")) *folder = textOf(json["model"], "path");
  });
  connect(job, &Job::progressed, this, [this, job] {
    progress_->setValue(int(1000 * std::max(0.0, job->share())));
    status_->setFullText(tr("%1: %2").arg(percentText(std::max(0.0, job->share())), job->stage()));
  });
  connect(job, &Job::finished, this, [this, id, folder](const std::optional<ErrorText>& error) {
    fetching_ = nullptr;
    progress_->hide();
    stoppedShort_.removeAll(id);
    if (error) {
      stoppedShort_ << id;
      if (error->kind == "cancelled")
        status_->setFullText(tr("Stopped: what has come is kept"));
      else
        showError(*error);
    } else {
      status_->setFullText(tr("%1 is in the cache").arg(id));
      Q_EMIT fetched(id, *folder);
    }
    updateButton();
  });
  if (stack_->currentIndex() == 2) stack_->setCurrentIndex(found_->count() > 0 ? 1 : 0);
  progress_->setValue(0);
  progress_->show();
  status_->setFullText(tr("Asking the hub ..."));
  workbench_.jobs.run(job);
  updateButton();
}

void HubBrowser::updateButton() {
  const QString id = wanted();
  fetch_->setText(fetching_ ? tr("Stop") : stoppedShort_.contains(id) ? tr("Go on") : tr("Download"));
  fetch_->setAccessibleName(fetching_ ? tr("Stop fetching %1").arg(fetchedId_) : fetch_->text());
  setEnabledBecause(fetch_, fetching_ || !id.isEmpty(),
                    tr("Not available: choose a model, or write its whole name, ORG/NAME."));
}

}  // namespace luthier
