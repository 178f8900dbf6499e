#pragma once
// The lines of a chart with their values at the crosshair, or the last ones: "— train 1.165  — val 1.186".
#include <QColor>
#include <QString>
#include <QWidget>
#include <vector>

namespace luthier {

class ChartLegend : public QWidget {
  Q_OBJECT
 public:
  struct Entry {
    QString name, value;
    int colour = 0;
    bool dashed = false;
    bool operator==(const Entry&) const = default;
  };
  explicit ChartLegend(QWidget* parent = nullptr);
  void setEntries(const std::vector<Entry>& entries);
  const std::vector<Entry>& entries() const { return entries_; }
  /// Right-aligned in `rect`; values alone where names do not fit.
  void paint(QPainter& painter, const QRect& rect) const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int widthOf(const Entry& entry, bool withName) const;
  int widthOf(bool withNames) const;
  std::vector<Entry> entries_;
};

}  // namespace luthier
