"""抽取密钥服务: the unattended service one party to draws runs on its own machine. It uses nothing of the house."""
