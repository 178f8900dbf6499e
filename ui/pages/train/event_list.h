#pragma once
// What happened in a run, one line each; the notable ones carry the numbers that the charts show.
#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>

#include "pages/train/train_charts.h"
#include "store/store.h"

namespace luthier {

class EventModel : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Role { StepRole = Qt::UserRole, NumberRole, TimeRole, ToneRole };
  using QAbstractListModel::QAbstractListModel;

  void clear();
  void add(const EventRow& event);
  std::vector<NumberedEvent> numbered() const;
  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(rows_.size()); }
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

 private:
  struct Row {
    EventRow event;
    QString text, detail;
    int number = 0;  ///< 0: a dot
  };
  std::vector<Row> rows_;
  int numbers_ = 0;
};

/// One line for an event; "" for those that only machines need.
QString eventText(const EventRow& event);

class EventDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// Enter or a click on "Show" asks for the step; stays at the newest line while it is in sight.
class EventList : public QListView {
  Q_OBJECT
 public:
  explicit EventList(EventModel& model, QWidget* parent = nullptr);

 Q_SIGNALS:
  void stepWanted(std::int64_t step);

 private:
  void want(const QModelIndex& index);
};

}  // namespace luthier
