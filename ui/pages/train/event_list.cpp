#include "pages/train/event_list.h"

#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <cmath>
#include <nlohmann/json.hpp>

#include "forms/catalog_text.h"
#include "pages/train/metric_text.h"
#include "pages/train/run_settings.h"
#include "recipe/training_options.h"
#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
Json detailOf(const EventRow& event) {
  const Json detail = Json::accept(event.detail_json) ? Json::parse(event.detail_json) : Json();
  return detail.is_object() ? detail : Json::object();
}

QString textIn(const Json& detail, const char* key) {
  const auto found = detail.find(key);
  return found != detail.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

QString metricsText(const Json& metrics) {
  QStringList parts;
  for (const auto& [name, value] : metrics.items())
    if (value.is_number()) parts << inSentence(metricLabel(name)) + " " + metricText(name, value.get<double>());
  return parts.join(", ");
}

/// "Learning rate 0.0002 to 0.0001", of every option that was changed.
QString changesText(const Json& detail) {
  QStringList parts;
  for (const OptionSpec& spec : option_specs<TrainingOptions>()) {
    const auto change = detail.find("training." + spec.info.key);
    if (change == detail.end() || !change->is_array() || change->size() != 2) continue;
    parts << QObject::tr("%1 from %2 to %3")
                 .arg(inSentence(catalogText(spec.info.label)), valueText((*change)[0]), valueText((*change)[1]));
  }
  return parts.join(", ");
}

/// What changes how curves are to be read.
bool isNotable(const EventRow& event) {
  if (event.kind == "amended") return true;
  if (event.kind == "paused" || event.kind == "non_finite" || event.kind == "error" || event.kind == "stopped")
    return true;
  if (event.kind == "finding") return event.step > 0;
  return event.kind == "resumed" && event.message.starts_with("continued");
}
}  // namespace

QString eventText(const EventRow& event) {
  const QString message = QString::fromStdString(event.message).simplified();
  const Json detail = detailOf(event);
  const QString step = countText(event.step);
  if (event.kind == "evaluation" && detail.contains("metrics") && detail["metrics"].is_object()) {
    const QString model = textIn(detail, "model"), metrics = metricsText(detail["metrics"]);
    if (model == "base") return QObject::tr("Base model on %1 rows: %2").arg(textIn(detail, "split"), metrics);
    if (model == "tuned") return QObject::tr("Tuned model on %1 rows: %2").arg(textIn(detail, "split"), metrics);
    return QObject::tr("Evaluated at step %1: %2").arg(step, metrics);
  }
  if (event.kind == "sample") return {};
  if (event.kind == "started") return QObject::tr("Started");
  if (event.kind == "checkpoint") return QObject::tr("Checkpoint at step %1").arg(step);
  if (event.kind == "paused") return QObject::tr("Paused at step %1: %2").arg(step, message);
  if (event.kind == "resumed" && message.startsWith("continued"))
    return QObject::tr("Continued from the checkpoint at step %1").arg(step);
  if (event.kind == "resumed") return QObject::tr("Resumed after a pause");
  if (event.kind == "amended") return QObject::tr("Changed at step %1: %2").arg(step, changesText(detail));
  if (event.kind == "stopped" && detail.value("kept", Json()) == Json(false))
    return QObject::tr("Stopped at step %1, no checkpoint is kept").arg(step);
  if (event.kind == "stopped") return QObject::tr("Stopped at step %1, the checkpoint is kept").arg(step);
  if (event.kind == "error" && detail.value("signal", 0) > 0)
    return QObject::tr("Interrupted at step %1: %2").arg(step, message);
  return capitalText(message);
}

void EventModel::clear() {
  beginResetModel();
  rows_.clear();
  numbers_ = 0;
  endResetModel();
}

void EventModel::add(const EventRow& event) {
  const QString text = eventText(event);
  if (text.isEmpty()) return;
  const Json detail = detailOf(event);
  Row row{event, text, textIn(detail, "hint"), isNotable(event) ? ++numbers_ : 0};
  beginInsertRows({}, rowCount(), rowCount());
  rows_.push_back(std::move(row));
  endInsertRows();
}

std::vector<NumberedEvent> EventModel::numbered() const {
  std::vector<NumberedEvent> all;
  for (const Row& row : rows_)
    if (row.number > 0) all.push_back({row.event.step, row.number, row.text});
  return all;
}

QVariant EventModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = rows_[std::size_t(index.row())];
  const QString time = QDateTime::fromMSecsSinceEpoch(std::llround(row.event.time * 1000)).toString("HH:mm:ss");
  switch (role) {
    case Qt::DisplayRole:
      return row.text;
    case Qt::ToolTipRole:
      return row.detail.isEmpty() ? row.text : row.text + "\n" + row.detail;
    case Qt::AccessibleTextRole:
      return (row.number ? QObject::tr("Event %1, ").arg(row.number) : QString()) + time + ", " + row.text;
    case StepRole:
      return qlonglong(row.event.step);
    case NumberRole:
      return row.number;
    case TimeRole:
      return time;
    case ToneRole:
      if (row.event.kind == "error" || row.event.kind == "non_finite") return "error";
      return row.event.kind == "finding" && row.event.step > 0 ? "warning" : "";
    default:
      return {};
  }
}

void EventDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const QRect rect = option.rect;
  if (option.state & QStyle::State_Selected) painter->fillRect(rect, tokens().accentSoft);
  const int number = index.data(EventModel::NumberRole).toInt();
  const QPointF mark(rect.left() + 20, rect.center().y() + 0.5);
  if (number > 0) {
    QFont face = font(TextStyle::monoCaption);
    face.setBold(true);
    painter->setFont(face);
    const double width = std::max(14.0, painter->fontMetrics().horizontalAdvance(QString::number(number)) + 6.0);
    const QRectF box(mark.x() - width / 2, mark.y() - 7, width, 14);
    painter->setPen(QPen(tokens().textSecondary, 1));
    painter->setBrush(tokens().surface);
    painter->drawRoundedRect(box, 3, 3);
    painter->setPen(tokens().textPrimary);
    painter->drawText(box, Qt::AlignCenter, QString::number(number));
  } else {
    painter->setPen(Qt::NoPen);
    painter->setBrush(tokens().textTertiary);
    painter->drawEllipse(mark, 2.5, 2.5);
  }
  painter->setFont(font(TextStyle::mono));
  painter->setPen(tokens().textSecondary);
  const QString time = index.data(EventModel::TimeRole).toString();
  const int timeWidth = painter->fontMetrics().horizontalAdvance("00:00:00");
  painter->drawText(QRect(rect.left() + 36, rect.top(), timeWidth, rect.height()), Qt::AlignVCenter, time);
  painter->setFont(font(TextStyle::small));
  int right = rect.right() - 13;
  if (index.data(EventModel::StepRole).toLongLong() > 0) {
    const QString show = QObject::tr("Show");
    const int width = painter->fontMetrics().horizontalAdvance(show);
    painter->setPen(tokens().accentText);
    painter->drawText(QRect(right - width, rect.top(), width + 1, rect.height()), Qt::AlignVCenter, show);
    right -= width + 12;
  }
  const QString tone = index.data(EventModel::ToneRole).toString();
  painter->setPen(tone == "error" ? tokens().error : tone == "warning" ? tokens().warning : tokens().textPrimary);
  const int left = rect.left() + 36 + timeWidth + 10;
  painter->drawText(QRect(left, rect.top(), right - left, rect.height()), Qt::AlignVCenter,
                    painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, right - left));
  painter->restore();
}

QSize EventDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {120, scaled(26)}; }

EventList::EventList(EventModel& model, QWidget* parent) : QListView(parent) {
  setObjectName("eventList");
  setAccessibleName(tr("Events of the run"));
  setModel(&model);
  setItemDelegate(new EventDelegate(this));
  setUniformItemSizes(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(this, &QListView::activated, this, &EventList::want);
  connect(this, &QListView::clicked, this, &EventList::want);
  connect(&model, &QAbstractItemModel::rowsInserted, this, [this] {
    const QScrollBar* bar = verticalScrollBar();
    if (bar->value() >= bar->maximum() - scaled(26)) scrollToBottom();
  });
}

void EventList::want(const QModelIndex& index) {
  if (const qlonglong step = index.data(EventModel::StepRole).toLongLong(); step > 0) Q_EMIT stepWanted(step);
}

}  // namespace luthier
