@echo off
rem Starts ZooKeeper: zookeeper-server-start.bat FILE
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\supervisor\zookeeper-main.js" %*
exit /b %errorlevel%
