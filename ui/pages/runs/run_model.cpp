#include "pages/runs/run_model.h"

#include <QDateTime>
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "forms/catalog_text.h"
#include "jobs/job.h"
#include "recipe/catalog.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kGatherMilliseconds = 30;  // several rows are asked for at once

Json parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json() : json;
}

/// summary[part][key] as a number.
std::optional<double> summaryNumber(const RunRow& row, const char* part, const std::string& key) {
  const Json summary = parsed(row.summary_json);
  if (!summary.is_object()) return std::nullopt;
  const Json metrics = *part ? summary.value(part, Json()) : summary;
  if (!metrics.is_object() || !metrics.contains(key) || !metrics[key].is_number()) return std::nullopt;
  return metrics[key].get<double>();
}

std::optional<double> watched(const RunRow& row) {
  const Json summary = parsed(row.summary_json);
  return summary.is_object() ? summaryNumber(row, "tuned", summary.value("watch", std::string())) : std::nullopt;
}

/// "Accuracy 80.8 %".
QString watchedText(const RunRow& row) {
  const auto value = watched(row);
  if (!value) return "–";
  const Json summary = parsed(row.summary_json);
  const std::string kind = summary.value("watch", std::string());
  QString label = QString::fromStdString(kind);
  for (const MetricEntry& entry : metrics())
    if (entry.kind == kind) label = catalogText(entry.label);
  const bool share = kind != "loss" && kind != "perplexity" && *value >= 0 && *value <= 1;
  return label + " " + (share ? percentText(*value) : numberText(*value));
}

/// Recipe, validation losses and number of trained parameters.
void readRun(const Store& store, const std::string& id, RunDetails& details) {
  try {
    if (details.recipe.is_null()) details.recipe = read_json(store.run_folder(id) / "recipe.json");
    details.validation.clear();
    for (const MetricRow& metric : store.metrics(id, 0, "validation.loss")) details.validation.push_back(metric.value);
    if (details.trainable >= 0) return;
    for (const EventRow& event : store.events(id))
      if (event.kind == "model")
        if (const Json told = parsed(event.detail_json); told.is_object())
          details.trainable = told.value("trainable", -1);
  } catch (const Error&) {
    // A run without recipe (deleted at this moment) shows what its row has.
  }
}

double seconds(const RunRow& row) {
  if (row.started <= 0) return 0;
  return (row.ended > 0 ? row.ended : QDateTime::currentMSecsSinceEpoch() / 1000.0) - row.started;
}
}  // namespace

QString methodLabel(const Json& recipe) {
  const Json method = recipe.is_object() ? recipe.value("method", Json()) : Json();
  const std::string kind = method.is_object() ? method.value("kind", std::string()) : std::string();
  for (const MethodEntry& entry : methods())
    if (entry.kind == kind) return catalogText(entry.label);
  return QString::fromStdString(kind);
}

QString runStatusText(RunStatus status) {
  switch (status) {
    case RunStatus::queued:
      return QObject::tr("queued");
    case RunStatus::running:
      return QObject::tr("training");
    case RunStatus::paused:
      return QObject::tr("paused");
    case RunStatus::success:
      return QObject::tr("finished");
    case RunStatus::failed:
      return QObject::tr("failed");
    case RunStatus::stopped:
      return QObject::tr("stopped");
    case RunStatus::interrupted:
      return QObject::tr("interrupted");
  }
  return {};
}

RunModel::RunModel(RunStore& runs, QObject* parent) : QAbstractTableModel(parent), runs_(runs), rows_(runs.runs()) {
  connect(&runs, &RunStore::runsChanged, this, &RunModel::refresh);
  soon_.setSingleShot(true);
  soon_.setInterval(kGatherMilliseconds);
  connect(&soon_, &QTimer::timeout, this, &RunModel::readDetails);
}

void RunModel::refresh() {
  const std::vector<RunRow>& now = runs_.runs();
  const bool same = std::equal(now.begin(), now.end(), rows_.begin(), rows_.end(),
                               [](const RunRow& a, const RunRow& b) { return a.id == b.id; });
  if (same) {
    rows_ = now;
    return tellAll();
  }
  beginResetModel();
  rows_ = now;
  endResetModel();
  QStringList kept;
  for (const QString& id : std::as_const(ticked_))
    if (runs_.find(id)) kept << id;
  if (kept != ticked_) setTicked(kept);
}

int RunModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(rows_.size()); }

const RunDetails& RunModel::details(const RunRow& row) const {
  const QString id = QString::fromStdString(row.id);
  const RunDetails& details = details_[id];
  if (details.step != row.step && wanted_.value(id, -1) != row.step) {
    wanted_[id] = row.step;
    if (!reading_ && !soon_.isActive()) soon_.start();
  }
  return details;
}

void RunModel::readDetails() {
  if (reading_ || wanted_.isEmpty()) return;
  reading_ = true;
  auto found = std::make_shared<QHash<QString, RunDetails>>();
  for (auto run = wanted_.cbegin(); run != wanted_.cend(); ++run) {
    (*found)[run.key()] = details_.value(run.key());
    (*found)[run.key()].step = run.value();
  }
  auto* job = new ThreadJob(
      tr("Reading the runs"),
      [found, home = runs_.store().home()](JobProgress&) {
        const Store store(home);
        for (auto run = found->begin(); run != found->end(); ++run) readRun(store, run.key().toStdString(), *run);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, found] {
    reading_ = false;
    for (auto run = found->cbegin(); run != found->cend(); ++run) {
      details_[run.key()] = run.value();
      if (wanted_.value(run.key(), -1) == run->step) wanted_.remove(run.key());
    }
    tellAll();
    if (!wanted_.isEmpty()) soon_.start();
  });
  job->start();
}

void RunModel::tellAll() {
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(int(rows_.size()) - 1, columns - 1));
}

QVariant RunModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= int(rows_.size())) return {};
  const RunRow& run = rows_[std::size_t(index.row())];
  const QString id = QString::fromStdString(run.id);
  switch (role) {
    case statusRole:
      return int(run.status);
    case idRole:
      return id;
    case colourRole:
      return int(ticked_.indexOf(id));
    case Qt::CheckStateRole:
      if (index.column() != tick) return {};
      return ticked_.contains(id) ? Qt::Checked : Qt::Unchecked;
    case Qt::TextAlignmentRole:
      return int((index.column() >= best && index.column() <= time ? Qt::AlignRight : Qt::AlignLeft) |
                 Qt::AlignVCenter);
    case curveRole: {
      if (index.column() != curve) return {};
      const RunDetails& more = details(run);
      return QVariant::fromValue(QList<double>(more.validation.begin(), more.validation.end()));
    }
    case Qt::ToolTipRole:
      return index.column() == state && !run.reason.empty() ? QString::fromStdString(run.reason)
             : index.column() == name                       ? id
                                                            : QVariant();
    case sortRole:
      switch (index.column()) {
        case started:
          return run.created;
        case time:
          return seconds(run);
        case best: {
          const auto& losses = details(run).validation;
          return losses.empty() ? 1e300 : *std::min_element(losses.begin(), losses.end());
        }
        case metric:
          return watched(run).value_or(-1e300);
        case trainable:
          return qlonglong(details(run).trainable);
        case peak:
          return summaryNumber(run, "", "peak_resident_bytes").value_or(-1);
        default:
          return data(index, Qt::DisplayRole);
      }
    case Qt::DisplayRole:
      break;
    default:
      return {};
  }
  switch (index.column()) {
    case name:
      return QString::fromStdString(run.name);
    case method:
      return methodLabel(details(run).recipe);
    case state:
      return runStatusText(run.status);
    case best: {
      const auto& losses = details(run).validation;
      return losses.empty() ? QString("–") : numberText(*std::min_element(losses.begin(), losses.end()));
    }
    case metric:
      return watchedText(run);
    case trainable: {
      const std::int64_t value = details(run).trainable;
      return value >= 0 ? shortCountText(double(value)) : QString("–");
    }
    case peak: {
      const auto value = summaryNumber(run, "", "peak_resident_bytes");
      return value ? bytesText(*value) : QString("–");
    }
    case time:
      return run.started > 0 ? clockDurationText(seconds(run)) : QString("–");
    case started:
      return clockText(run.created);
    default:
      return {};
  }
}

bool RunModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !index.isValid() || index.column() != tick) return false;
  QStringList ids = ticked_;
  const QString id = QString::fromStdString(rows_[std::size_t(index.row())].id);
  ids.removeAll(id);
  if (value.toInt() == Qt::Checked) {
    if (ids.size() >= kMostTicked) return false;
    ids << id;
  }
  setTicked(ids);
  return true;
}

void RunModel::setTicked(const QStringList& ids) {
  if (ids == ticked_) return;
  ticked_ = ids;
  tellAll();
  Q_EMIT tickedChanged();
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return int((section >= best && section <= time ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  const QString names[] = {{},           tr("Name"),   tr("Method"),    tr("State"),       tr("Validation loss"),
                           tr("Best"),   tr("Result"), tr("Trainable"), tr("Peak memory"), tr("Time"),
                           tr("Started")};
  return section < columns ? names[section] : QVariant();
}

Qt::ItemFlags RunModel::flags(const QModelIndex& index) const {
  Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  if (index.column() == tick) flags |= Qt::ItemIsUserCheckable;
  return flags;
}

void RunFilter::setProject(const QString& name) {
  project_ = name;
  invalidate();
}

void RunFilter::setText(const QString& text) {
  text_ = text.trimmed();
  invalidate();
}

bool RunFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const auto* model = static_cast<const RunModel*>(sourceModel());
  const RunRow& run = model->row(row);
  if (!project_.isEmpty() && QString::fromStdString(run.name) != project_) return false;
  if (text_.isEmpty()) return true;
  for (const int column : {int(RunModel::name), int(RunModel::method), int(RunModel::state), int(RunModel::metric)})
    if (model->data(model->index(row, column, parent)).toString().contains(text_, Qt::CaseInsensitive)) return true;
  return QString::fromStdString(run.id).contains(text_);
}

bool RunFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  return QVariant::compare(left.data(RunModel::sortRole), right.data(RunModel::sortRole)) == QPartialOrdering::Less;
}

}  // namespace luthier
