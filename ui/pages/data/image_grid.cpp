#include "pages/data/image_grid.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPointer>
#include <QScrollBar>
#include <algorithm>

#include "base/error.h"
#include "pages/data/picture_view.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kSide = 112;         ///< pixels of a thumbnail
constexpr int kPictureMargin = 8;  ///< around it
constexpr int kCaption = 20;       ///< height of the text below it
}  // namespace

ImageGrid::ImageGrid(RowSource& rows, QWidget* parent) : QAbstractScrollArea(parent), rows_(rows) {
  setObjectName("imageGrid");
  setAccessibleName(tr("Images"));
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  pool_.setMaxThreadCount(2);
  connect(&rows_, &RowSource::rowsArrived, viewport(), qOverload<>(&QWidget::update));
  connect(&theme(), &Theme::changed, this, [this] { updateBars(); });
}

ImageGrid::~ImageGrid() {
  pool_.clear();
  pool_.waitForDone();
}

void ImageGrid::setReading(Read read, int labelColumn) {
  read_ = std::move(read);
  labelColumn_ = labelColumn;
  rowsReset();
}

void ImageGrid::rowsReset() {
  ++round_;
  pool_.clear();
  images_.clear();
  asked_.clear();
  current_ = rows_.count() > 0 ? std::clamp<std::int64_t>(current_, -1, rows_.count() - 1) : -1;
  updateBars();
}

QSize ImageGrid::cellSize() const {
  const int wanted = scaled(kSide) + 2 * kPictureMargin, room = viewport()->width();
  const int columns = std::max(1, room / wanted);
  return {std::max(wanted, room / columns), scaled(kSide) + kPictureMargin + scaled(kCaption)};
}

int ImageGrid::columns() const { return std::max(1, viewport()->width() / cellSize().width()); }

QRect ImageGrid::cellRect(std::int64_t index) const {
  const QSize size = cellSize();
  const int across = columns();
  const auto line = index / across;
  return {QPoint(int(index % across) * size.width(), int(line * size.height() - verticalScrollBar()->value())), size};
}

std::int64_t ImageGrid::indexAt(const QPoint& at) const {
  const QSize size = cellSize();
  const int column = at.x() / size.width();
  if (column >= columns()) return -1;
  const std::int64_t index = std::int64_t(at.y() + verticalScrollBar()->value()) / size.height() * columns() + column;
  return index < rows_.count() ? index : -1;
}

void ImageGrid::updateBars() {
  const std::int64_t lines = (rows_.count() + columns() - 1) / columns();
  const std::int64_t height = std::min<std::int64_t>(lines * cellSize().height(), INT_MAX / 2);
  verticalScrollBar()->setRange(0, int(std::max<std::int64_t>(0, height - viewport()->height())));
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(cellSize().height() / 2);
  viewport()->update();
}

void ImageGrid::resizeEvent(QResizeEvent*) {
  updateBars();
  if (current_ >= 0) setCurrentRow(current_);
}

void ImageGrid::scrollContentsBy(int, int) { viewport()->update(); }

void ImageGrid::askFor(std::int64_t number) {
  if (!read_ || asked_.contains(number)) return;
  asked_.insert(number);
  pool_.start([self = QPointer(this), read = read_, row = rows_.reader(), number, round = round_,
               side = int(scaled(kSide) * devicePixelRatioF())] {
    auto made = std::make_shared<Thumbnail>();
    try {
      made->image = read(row(number), side);
    } catch (const Error& error) {
      made->problem = QString::fromStdString(error.message);
    }
    QMetaObject::invokeMethod(qApp, [self, made, number, round] {
      if (!self || round != self->round_) return;
      self->asked_.remove(number);
      self->images_.insert(number, new Thumbnail(*made));
      self->viewport()->update();
      Q_EMIT self->thumbnailArrived();
    });
  });
}

void ImageGrid::paintEvent(QPaintEvent*) {
  const Tokens& t = tokens();
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), t.surface);
  if (rows_.count() == 0) return;
  const QSize size = cellSize();
  const std::int64_t first = std::int64_t(verticalScrollBar()->value()) / size.height() * columns();
  const std::int64_t last =
      std::min(rows_.count() - 1, first + (viewport()->height() / size.height() + 2) * std::int64_t(columns()) - 1);
  rows_.setVisible(first, last);
  painter.setFont(luthier::font(TextStyle::small));
  for (std::int64_t index = first; index <= last; ++index) {
    const QRect cell = cellRect(index);
    const RowSource::Cells* cells = rows_.row(index);
    const QRect frame = cell.adjusted(kPictureMargin / 2, kPictureMargin / 2, -kPictureMargin / 2, -kPictureMargin / 2);
    if (index == current_) {
      painter.setRenderHint(QPainter::Antialiasing);
      painter.setPen(QPen(hasFocus() ? t.accent : t.lineStrong, 2));
      painter.setBrush(t.accentSoft);
      painter.drawRoundedRect(QRectF(frame).adjusted(1, 1, -1, -1), 6, 6);
      painter.setRenderHint(QPainter::Antialiasing, false);
    }
    const QRect place(frame.left() + kPictureMargin / 2, frame.top() + kPictureMargin / 2,
                      frame.width() - kPictureMargin, frame.height() - kPictureMargin / 2 - scaled(kCaption));
    if (!cells) continue;
    if (const Thumbnail* thumbnail = images_.object(cells->number); !thumbnail) {
      painter.fillRect(place.adjusted(6, 6, -6, -6), t.fill);
      askFor(cells->number);
    } else if (!thumbnail->problem.isEmpty()) {
      painter.fillRect(place.adjusted(6, 6, -6, -6), t.errorSoft);
      painter.setPen(t.error);
      painter.drawText(place.adjusted(10, 6, -10, -6), Qt::AlignCenter | Qt::TextWordWrap, thumbnail->problem);
    } else {
      const QRect at = fittedPicture(thumbnail->image.size(), place);
      painter.setRenderHint(QPainter::SmoothPixmapTransform, at.width() < thumbnail->image.width());
      painter.drawImage(at, thumbnail->image);
    }
    if (labelColumn_ >= 0 && labelColumn_ < cells->texts.size()) {
      const QRect caption(place.left(), frame.bottom() - scaled(kCaption), place.width(), scaled(kCaption));
      painter.setPen(t.textSecondary);
      painter.drawText(caption, Qt::AlignCenter,
                       painter.fontMetrics().elidedText(cells->texts[labelColumn_], Qt::ElideRight, caption.width()));
    }
  }
}

void ImageGrid::announce() {
  const RowSource::Cells* cells = rows_.row(current_);
  QString text = tr("Row %1").arg(current_ + 1);
  if (cells && labelColumn_ >= 0 && labelColumn_ < cells->texts.size()) text += ", " + cells->texts[labelColumn_];
  setAccessibleDescription(text);
}

void ImageGrid::setCurrentRow(std::int64_t index) {
  if (rows_.count() == 0) return;
  const std::int64_t wanted = std::clamp<std::int64_t>(index, 0, rows_.count() - 1);
  const bool other = wanted != current_;
  current_ = wanted;
  const QRect cell = cellRect(current_);
  QScrollBar* bar = verticalScrollBar();
  if (cell.top() < 0) bar->setValue(bar->value() + cell.top());
  if (cell.bottom() > viewport()->height()) bar->setValue(bar->value() + cell.bottom() - viewport()->height());
  viewport()->update();
  announce();
  if (other) Q_EMIT currentRowChanged(current_);
}

void ImageGrid::mousePressEvent(QMouseEvent* event) {
  const std::int64_t index = indexAt(event->position().toPoint());
  if (index < 0 || event->button() != Qt::LeftButton) return;
  setCurrentRow(index);
  Q_EMIT rowOpened(index);
}

void ImageGrid::mouseDoubleClickEvent(QMouseEvent* event) { mousePressEvent(event); }

void ImageGrid::keyPressEvent(QKeyEvent* event) {
  const int page = std::max(1, viewport()->height() / cellSize().height()) * columns();
  switch (event->key()) {
    case Qt::Key_Left:
      return setCurrentRow(current_ - 1);
    case Qt::Key_Right:
      return setCurrentRow(current_ + 1);
    case Qt::Key_Up:
      return setCurrentRow(current_ - columns());
    case Qt::Key_Down:
      return setCurrentRow(current_ + columns());
    case Qt::Key_PageUp:
      return setCurrentRow(current_ - page);
    case Qt::Key_PageDown:
      return setCurrentRow(current_ + page);
    case Qt::Key_Home:
      return setCurrentRow(0);
    case Qt::Key_End:
      return setCurrentRow(rows_.count() - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (current_ >= 0) Q_EMIT rowOpened(current_);
      return;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

}  // namespace luthier
