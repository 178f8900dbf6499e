#include "pages/data/picture_view.h"

#include <QPainter>
#include <algorithm>

#include "theme/theme.h"

namespace luthier {

QRect fittedPicture(const QSize& size, const QRect& place) {
  if (size.isEmpty()) return {};
  QSize fitted = size.scaled(place.size(), Qt::KeepAspectRatio);
  const int whole = std::min(place.width() / size.width(), place.height() / size.height());
  if (whole > 1) fitted = size * whole;
  return {place.left() + (place.width() - fitted.width()) / 2, place.top() + (place.height() - fitted.height()) / 2,
          fitted.width(), fitted.height()};
}

PictureView::PictureView(const QString& what, QWidget* parent) : QWidget(parent) {
  setAccessibleName(what);
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PictureView::setImage(const QImage& image) {
  image_ = image;
  update();
}

void PictureView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QRect at = fittedPicture(image_.size(), rect().adjusted(1, 1, -1, -1));
  painter.setRenderHint(QPainter::SmoothPixmapTransform, at.width() < image_.width());
  painter.drawImage(at, image_);
  painter.setPen(tokens().line);
  painter.drawRect(at.adjusted(-1, -1, 0, 0));
}

}  // namespace luthier
