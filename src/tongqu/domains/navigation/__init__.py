"""Navigation: ships by AIS, base stations and aids to navigation, the receivers that hear them."""
