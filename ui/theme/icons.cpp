#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "theme/theme.h"

namespace luthier {

namespace {
/// Draws the SVG in the theme's colours at the moment of painting, so that a theme change needs no new icon.
class ThemedIcon : public QIconEngine {
 public:
  ThemedIcon(QString name, QColor colour) : name_(std::move(name)), colour_(std::move(colour)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const QColor colour =
        mode == QIcon::Disabled ? tokens().textDisabled : (colour_.isValid() ? colour_ : tokens().textSecondary);
    const double ratio = painter->device() ? painter->device()->devicePixelRatio() : 1;
    const int side = std::min(rect.width(), rect.height());
    const QPixmap drawn = iconPixmap(name_, colour, side, ratio);
    painter->drawPixmap(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, drawn);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap result(size);
    result.fill(Qt::transparent);
    QPainter painter(&result);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return result;
  }
  QIconEngine* clone() const override { return new ThemedIcon(*this); }

 private:
  QString name_;
  QColor colour_;
};

QByteArray source(const QString& name) {
  QFile file(":/luthier/icons/" + name + ".svg");
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}
}  // namespace

QIcon icon(const QString& name, const QColor& colour) { return QIcon(new ThemedIcon(name, colour)); }

QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double ratio) {
  // Reading an SVG takes longer than painting it, and the same few dozen are painted again and again.
  const QString key = QString("luthier %1 %2 %3 %4").arg(name, colour.name(QColor::HexArgb)).arg(size).arg(ratio);
  QPixmap result;
  if (QPixmapCache::find(key, &result)) return result;
  QByteArray svg = source(name);
  svg.replace("#000", colour.name().toLatin1());
  result = QPixmap(QSize(size, size) * ratio);
  result.fill(Qt::transparent);
  QSvgRenderer renderer(svg);
  QPainter painter(&result);
  painter.setRenderHint(QPainter::Antialiasing);
  renderer.render(&painter, QRectF(QPointF(), QSizeF(size, size) * ratio));
  painter.end();
  result.setDevicePixelRatio(ratio);
  QPixmapCache::insert(key, result);
  return result;
}

}  // namespace luthier
