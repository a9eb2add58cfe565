"""WeChat Official Accounts (公众号) and the customer messages of mini programs (小程序)."""
