#pragma once
// The rows of an image dataset as thumbnails: only what is in sight is read, on threads of its own, and kept for a
// while.
#include <QAbstractScrollArea>
#include <QCache>
#include <QImage>
#include <QSet>
#include <QThreadPool>
#include <functional>
#include <memory>

#include "pages/data/row_source.h"

namespace luthier {

class ImageGrid : public QAbstractScrollArea {
  Q_OBJECT
 public:
  /// Reads the image of one row of the file; called on a thread of the grid, may throw Error.
  using Read = std::function<QImage(const Row& row, int side)>;

  explicit ImageGrid(RowSource& rows, QWidget* parent = nullptr);
  ~ImageGrid() override;

  /// How a row's image is read, and which column is written below it (-1: none).
  void setReading(Read read, int labelColumn);
  std::int64_t currentRow() const { return current_; }
  void setCurrentRow(std::int64_t index);
  void rowsReset();
  /// In the viewport's coordinates.
  QRect cellRect(std::int64_t index) const;
  int columns() const;
  /// Thumbnails that are there, for those who wait for them.
  int loaded() const { return int(images_.size()); }

 Q_SIGNALS:
  void currentRowChanged(std::int64_t index);
  void rowOpened(std::int64_t index);
  void thumbnailArrived();

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void scrollContentsBy(int, int) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void keyPressEvent(QKeyEvent*) override;

 private:
  struct Thumbnail {
    QImage image;
    QString problem;
  };
  QSize cellSize() const;
  std::int64_t indexAt(const QPoint& at) const;
  void updateBars();
  void askFor(std::int64_t number);
  void announce();

  RowSource& rows_;
  Read read_;
  int labelColumn_ = -1;
  std::int64_t current_ = -1;
  QCache<qint64, Thumbnail> images_{600};
  QSet<qint64> asked_;
  quint64 round_ = 0;  ///< which rows the answers are of
  QThreadPool pool_;
};

}  // namespace luthier
